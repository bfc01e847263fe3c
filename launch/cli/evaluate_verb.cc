// `transect evaluate`.
//
// The evaluation is the same job that a run makes of the split: it lies in
// EvaluationDir (store.h) and is made once, under the code that trained the
// run, by its bundle.

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "analysis/load_runs.h"
#include "analysis/measure_name.h"
#include "analysis/score_run.h"
#include "data/io/file.h"
#include "data/io/new_directory.h"
#include "data/io/proto_json.h"
#include "experiments/identity/run_id.h"
#include "launch/cli/output.h"
#include "launch/cli/request_flags.h"
#include "launch/cli/run_files.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/cli/worker_command.h"
#include "launch/requests/predictions.pb.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/bundle.h"
#include "launch/store/find_run.h"
#include "launch/store/job_inputs.h"
#include "launch/store/lease.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct EvaluateOptions {
  std::string run;
  std::string format;
  EvaluateRequest request;
};

// The worker that trained the run, in its bundle: the present one, or one that
// is still in the store.
absl::StatusOr<std::string> WorkerOf(const FoundRun& run,
                                     const Session& session) {
  const BuiltWorker& present = *session.worker;
  if (run.result.code() == session.code) {
    return InstallBundle(present, *session.parts, session.store);
  }
  const std::string worker = absl::StrCat(
      session.store.BundleDir(run.result.code()), "/", present.worker);
  if (FileExists(worker)) {
    TRANSECT_RETURN_IF_ERROR(CheckBundle(session.store, run.result.code()));
    return worker;
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "run ", ShownId(run.id), " was done under code ",
      ShownCode(run.result.code()), ", whose bundle is not in the store (",
      worker, "), and the present code is ", ShownCode(session.code),
      "; run it again under the present code first"));
}

// Makes the evaluation in `dir`, whose run lies in `run_dir`; returns the exit
// code of the worker.
absl::StatusOr<int> Make(const std::string& worker,
                         const EvaluateRequest& evaluate,
                         const std::string& run_dir, const std::string& dir) {
  TRANSECT_RETURN_IF_ERROR(MakeDirs(EvaluationsDir(run_dir)));
  // Nobody else works on the run.
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<Lease> lease,
                            Lease::TryTake(run_dir));
  // Somebody else may have made it meanwhile, or begun and not finished it.
  const ResultCheck present =
      CheckResult(dir, evaluate.id(), evaluate.files().code());
  if (present.state == ResultCheck::kValid) return 0;
  if (present.state == ResultCheck::kCorrupt) {
    return absl::DataLossError(present.problem);
  }
  TRANSECT_RETURN_IF_ERROR(RemoveUnfinished(dir));
  std::error_code error;
  std::filesystem::remove_all(dir, error);
  if (error) {
    return absl::ErrnoToStatus(error.value(),
                               absl::StrCat("cannot remove ", dir));
  }
  WorkerRequest request;
  *request.mutable_evaluate() = evaluate;
  int code = 0;
  const absl::Status made =
      MakeNewDirectory(dir, [&](const std::string& making) -> absl::Status {
        request.mutable_evaluate()->set_job_dir(making);
        TRANSECT_ASSIGN_OR_RETURN(code, RunWorkerProgram(worker, request));
        if (code != 0) return absl::AbortedError("the worker said why");
        const ResultCheck check =
            CheckResult(making, evaluate.id(), evaluate.files().code());
        if (check.state == ResultCheck::kValid) return absl::OkStatus();
        return absl::InternalError(
            absl::StrCat("the worker left no valid result in ", making, ": ",
                         check.problem));
      });
  if (code != 0) return code;
  TRANSECT_RETURN_IF_ERROR(made);
  return 0;
}

absl::StatusOr<Evaluation> Summarize(const FoundRun& run,
                                     const std::string& split,
                                     const std::string& dir, bool reused) {
  TRANSECT_ASSIGN_OR_RETURN(const LoadedEvaluation loaded, LoadEvaluation(dir));
  TRANSECT_ASSIGN_OR_RETURN(const RunScores scores, ScoreRun(*loaded.items));
  Evaluation evaluation;
  evaluation.set_version(1);
  evaluation.set_run(run.id);
  evaluation.set_code(run.result.code());
  evaluation.set_split(split);
  evaluation.set_directory(dir);
  evaluation.set_reused(reused);
  evaluation.set_items(static_cast<int64_t>(scores.item_ids.size()));
  for (const Measure& measure : scores.measures) {
    EvaluationMeasure* const out = evaluation.add_measure();
    out->set_kind(measure.kind);
    out->set_value(measure.value);
    out->set_items(measure.items);
  }
  return evaluation;
}

std::string Text(const Evaluation& evaluation) {
  std::string text = absl::StrFormat(
      "run %s, split %s, %d items%s\n", ShownId(evaluation.run()),
      evaluation.split(), evaluation.items(),
      evaluation.reused() ? " (evaluated before)" : "");
  for (const EvaluationMeasure& measure : evaluation.measure()) {
    absl::StrAppend(
        &text, absl::StrFormat("  %-14s %6.2f", MeasureName(measure.kind()),
                               100 * measure.value()));
    if (measure.items() != evaluation.items()) {
      absl::StrAppend(&text, "  of ", measure.items(), " items");
    }
    absl::StrAppend(&text, "\n");
  }
  absl::StrAppend(&text, "  ", evaluation.directory(), "\n");
  return text;
}

absl::StatusOr<int> EvaluateRun(const CommandContext& context,
                                const EvaluateOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const Session session, OpenSession(context));
  TRANSECT_RETURN_IF_ERROR(session.worker.status());
  TRANSECT_ASSIGN_OR_RETURN(const FoundRun run,
                            FindRun(session.store, session.code, options.run));
  const std::string& split = options.request.split();
  TRANSECT_ASSIGN_OR_RETURN(const std::string id,
                            EvaluationId(run.launch.train().run(), run.id,
                                         split, ReadsOf(run.inputs)));
  const std::string dir = EvaluationDir(run.dir, split, id);
  const ResultCheck before = CheckResult(dir, id, run.result.code());
  if (before.state == ResultCheck::kCorrupt) {
    return absl::DataLossError(before.problem);
  }
  const bool reused = before.state == ResultCheck::kValid;
  if (!reused) {
    TRANSECT_ASSIGN_OR_RETURN(const std::string worker, WorkerOf(run, session));
    EvaluateRequest request = options.request;
    request.set_id(id);
    request.set_store(session.store.root());
    TRANSECT_ASSIGN_OR_RETURN(
        *request.mutable_files(),
        FilesOfRun(session.store, run, InputsUsed::kData));
    TRANSECT_ASSIGN_OR_RETURN(const int made,
                              Make(worker, request, run.dir, dir));
    if (made != 0) return made;
  }
  TRANSECT_ASSIGN_OR_RETURN(const Evaluation evaluation,
                            Summarize(run, split, dir, reused));
  std::string text = Text(evaluation);
  if (options.format == "json") {
    TRANSECT_ASSIGN_OR_RETURN(text, PrintProtoJson(evaluation));
  }
  TRANSECT_RETURN_IF_ERROR(PrintOut(text));
  return 0;
}

}  // namespace

void AddEvaluateVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "evaluate",
      "Evaluate a run's network on a split, once; the result stays beside the "
      "run.");
  const auto options = std::make_shared<EvaluateOptions>();
  AddRun(verb, &options->run)->required();
  AddField(verb, "--split", "split", &options->request, "train, val or test.")
      ->required()
      ->check(CLI::IsMember({"train", "val", "test"}));
  AddFormat(verb, &options->format, {"text", "json"},
            "text, or json: a message Evaluation of "
            "launch/requests/predictions.proto.");
  AddPlaces(verb, line);
  OnVerb(verb, line, options, EvaluateRun);
}

}  // namespace transect
