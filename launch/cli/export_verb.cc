// `transect export`.

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/new_directory.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "experiments/run/old_spec.h"
#include "launch/cli/output.h"
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
#include "metrics/event_file.h"
#include "metrics/training_series.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct ExportOptions {
  RunReferenceOptions run;
  ExportRequest request;
  std::string tensorboard;
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

// Writes how a run trains or has trained as an event file in a new directory.
absl::Status ExportEvents(const Session& session, const ReferredRun& run,
                          const std::string& directory) {
  const std::string dir =
      run.found.has_value()
          ? run.found->dir
          : session.store.RunDir(run.identity.id, run.identity.code);
  TRANSECT_ASSIGN_OR_RETURN(
      const TrainingSeries series,
      ReadTrainingSeries(
          MetricsOfAttempts(dir),
          run.found.has_value() ? run.found->result.attempt() : 0));
  if (series.steps.empty() && series.validations.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("run ", ShownId(run.identity.id),
                     " has logged no step; --tensorboard has nothing to show"));
  }
  TRANSECT_RETURN_IF_ERROR(
      MakeNewDirectory(directory, [&](const std::string& made) {
        return WriteFile(absl::StrCat(made, "/", EventFileName(series)),
                         EventFileOf(series));
      }));
  for (const std::string& problem : series.problems) {
    Tell(absl::StrCat("NOTE ", problem, "\n"));
  }
  return PrintOut(absl::StrCat(directory, "\n"), Printed::kText);
}

absl::StatusOr<int> ExportWeights(const CommandContext& context,
                                  const ExportOptions& options,
                                  const Session& session, const FoundRun& run) {
  TRANSECT_RETURN_IF_ERROR(session.worker.status());
  // Adapters are what was trained; a merged model is that on its base.
  TRANSECT_ASSIGN_OR_RETURN(
      const RunFiles files,
      FilesOfRun(session.store, run,
                 options.request.has_merged() ? InputsUsed::kWeights
                                              : InputsUsed::kNone));
  WorkerRequest request;
  ExportRequest& what = *request.mutable_export_weights();
  what = options.request;
  *what.mutable_train() = files.job();
  CompleteOldSpec(what.mutable_train()->mutable_run());
  what.set_trained_weights(files.trained_weights_path());
  *what.mutable_origin() = OriginOf(run, what.train().run());
  return RunWorkerRequest(context, request);
}

absl::StatusOr<int> Export(const CommandContext& context,
                           const ExportOptions& options) {
  const bool weights =
      options.request.has_merged() || options.request.has_peft();
  if (!weights && options.tensorboard.empty()) {
    return absl::InvalidArgumentError(
        "nothing to export: name a directory with --peft, --merged or "
        "--tensorboard");
  }
  TRANSECT_ASSIGN_OR_RETURN(RunReferences references,
                            RunReferences::Open(context, options.run.spec));
  TRANSECT_ASSIGN_OR_RETURN(const ReferredRun run,
                            weights ? references.FindDone(options.run.run)
                                    : references.Find(options.run.run));
  if (!options.tensorboard.empty()) {
    TRANSECT_RETURN_IF_ERROR(
        ExportEvents(references.session(), run, options.tensorboard));
  }
  return weights
             ? ExportWeights(context, options, references.session(), *run.found)
             : absl::StatusOr<int>(0);
}

}  // namespace

void AddExportVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "export",
      "Write what a run trained for other tools: adapters for PEFT, whole "
      "models for Transformers, or its curves for TensorBoard.");
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
  verb->add_option(
      "--tensorboard", options->tensorboard,
      "Directory to make: an event file with the curves of the training, each "
      "step once however often it was stopped: loss, learning rate, norm of "
      "the gradient, images/s, wait for data, memory, validations. With "
      "--spec also of a run that is not done. `tensorboard --logdir` of the "
      "directory or one above it shows it.");
  AddPlaces(verb, line);
  OnVerb(verb, line, options, Export);
}

}  // namespace transect
