// `transect export`.

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "experiments/run/old_spec.h"
#include "launch/cli/request_flags.h"
#include "launch/cli/run_files.h"
#include "launch/cli/run_reference.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/cli/worker_command.h"
#include "launch/requests/export_origin.pb.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/find_run.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct ExportOptions {
  RunReferenceOptions run;
  ExportRequest request;
};

ExportOrigin OriginOf(const FoundRun& run, const RunSpec& spec) {
  ExportOrigin origin;
  origin.set_id(run.id);
  origin.set_code(run.result.code());
  origin.set_steps(run.result.steps());
  const auto provenance = ReadTextproto<Provenance>(
      ProvenancePath(AttemptDir(run.dir, run.result.attempt())));
  if (provenance.ok() && provenance->has_experiment()) {
    origin.set_experiment(provenance->experiment());
    origin.set_job(provenance->job());
  }
  *origin.mutable_run() = spec;
  return origin;
}

absl::StatusOr<int> ExportWeights(const CommandContext& context,
                                  const ExportOptions& options) {
  const bool merged = options.request.has_merged();
  if (!merged && !options.request.has_peft()) {
    return absl::InvalidArgumentError(
        "nothing to export: name a directory with --peft or --merged");
  }
  TRANSECT_ASSIGN_OR_RETURN(RunReferences references,
                            RunReferences::Open(context, options.run.spec));
  const Session& session = references.session();
  TRANSECT_RETURN_IF_ERROR(session.worker.status());
  TRANSECT_ASSIGN_OR_RETURN(const ReferredRun referred,
                            references.FindDone(options.run.run));
  const FoundRun& run = *referred.found;
  // Adapters are what was trained; a merged model is that on its base.
  TRANSECT_ASSIGN_OR_RETURN(
      const RunFiles files,
      FilesOfRun(session.store, run,
                 merged ? InputsUsed::kWeights : InputsUsed::kNone));
  WorkerRequest request;
  ExportRequest& what = *request.mutable_export_weights();
  what = options.request;
  *what.mutable_train() = files.job();
  CompleteOldSpec(what.mutable_train()->mutable_run());
  what.set_trained_weights(files.trained_weights_path());
  *what.mutable_origin() = OriginOf(run, what.train().run());
  return RunWorkerRequest(context, request);
}

}  // namespace

void AddExportVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "export",
      "Write what a run trained for other tools: adapters for PEFT, or whole "
      "models for Transformers.");
  const auto options = std::make_shared<ExportOptions>();
  AddRunReference(verb, line, &options->run)->required();
  AddField(verb, "--peft", "peft", &options->request,
           "Directory to make: siglip_vision/, siglip_text/ and sam_vision/ as "
           "PEFT saves adapters, and the trainable rest in rest.safetensors. "
           "`weights.adapters` of a run reads it.");
  AddField(verb, "--merged", "merged", &options->request,
           "Directory to make: siglip/ and sam/ as Transformers saves models, "
           "adapters merged, and rest.safetensors, all in fp32. Of a run in "
           "half precision the weights are rounded as evaluation rounded "
           "them; compute them in fp32, because half precision would round "
           "merged weights again. `weights.found` of a run reads them.");
  AddPlaces(verb, line);
  OnVerb(verb, line, options, ExportWeights);
}

}  // namespace transect
