#include "launch/cli/evaluate_command.h"

#include <errno.h>
#include <stdio.h>

#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/load_runs.h"
#include "analysis/measure_name.h"
#include "analysis/score_run.h"
#include "data/io/file.h"
#include "google/protobuf/util/json_util.h"
#include "launch/cli/run_files.h"
#include "launch/cli/session.h"
#include "launch/cli/worker_command.h"
#include "launch/inputs/site.h"
#include "launch/requests/predictions.pb.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/bundle.h"
#include "launch/store/find_run.h"
#include "launch/store/lease.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

// The worker that trained the run: the present one or the one in its bundle.
absl::StatusOr<std::string> WorkerOf(const FoundRun& run, const Store& store,
                                     const BuiltWorker& present,
                                     absl::string_view present_code) {
  if (run.result.code() == present_code) {
    return absl::StrCat(present.root, "/", present.worker);
  }
  const std::string worker =
      absl::StrCat(store.BundleDir(run.result.code()), "/", present.worker);
  if (FileExists(worker)) return worker;
  return absl::FailedPreconditionError(absl::StrCat(
      "run ", ShownId(run.id), " was done under code ",
      ShownCode(run.result.code()), ", whose bundle is not in the store (",
      worker, "), and the present code is ", ShownCode(present_code),
      "; run it again under the present code first"));
}

// Makes the evaluation in `dir`; returns the exit code of the worker.
absl::StatusOr<int> Make(const std::string& worker, const RunFiles& files,
                         const std::string& split, const std::string& dir) {
  const std::string parent = fs::path(dir).parent_path().string();
  TRANSECT_RETURN_IF_ERROR(MakeDirs(parent));
  // One evaluation of a run at a time; nobody else is in the directory below.
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<Lease> lease,
                            Lease::TryTake(parent));
  const std::string making = absl::StrCat(dir, ".making");
  std::error_code error;
  fs::remove_all(making, error);
  TRANSECT_RETURN_IF_ERROR(MakeDirs(making));
  WorkerRequest request;
  EvaluateRequest& evaluate = *request.mutable_evaluate();
  *evaluate.mutable_files() = files;
  evaluate.set_split(split);
  evaluate.set_job_dir(making);
  const absl::StatusOr<int> code = RunWorkerProgram(worker, request);
  absl::Status status = code.status();
  if (code.ok() && *code == 0) {
    const ResultCheck check = CheckResult(making, files.id(), files.code());
    if (check.state != ResultCheck::kValid) {
      status = absl::InternalError(absl::StrCat(
          "the worker left no valid result in ", making, ": ", check.problem));
    } else if (rename(making.c_str(), dir.c_str()) != 0) {
      status =
          absl::ErrnoToStatus(errno, absl::StrCat("cannot rename to ", dir));
    } else {
      status = FsyncDir(parent);
    }
  }
  fs::remove_all(making, error);
  if (!status.ok()) return status;
  return code;
}

absl::StatusOr<Evaluation> Summarise(const FoundRun& run,
                                     const std::string& split,
                                     const std::string& dir, bool reused) {
  TRANSECT_ASSIGN_OR_RETURN(const LoadedRun loaded, LoadRun(dir));
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

absl::StatusOr<std::string> Json(const Evaluation& evaluation) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  std::string json;
  const auto status =
      google::protobuf::util::MessageToJsonString(evaluation, &json, options);
  if (!status.ok()) {
    return absl::InternalError(absl::StrCat(
        "cannot print the evaluation as JSON: ", status.ToString()));
  }
  return json;
}

}  // namespace

absl::StatusOr<int> EvaluateCommand(const CommandContext& context,
                                    const EvaluateOptions& options) {
  TRANSECT_ASSIGN_OR_RETURN(const SiteFile site, LoadSite(context.site));
  TRANSECT_ASSIGN_OR_RETURN(const Store store,
                            Store::Open(StoreRoot(context.store, site)));
  TRANSECT_ASSIGN_OR_RETURN(const BuiltWorker present,
                            FindWorker(context.argv[0]));
  TRANSECT_ASSIGN_OR_RETURN(const std::string code, CodePart(present));
  TRANSECT_ASSIGN_OR_RETURN(const FoundRun run,
                            FindRun(store, code, options.run));
  const std::string dir = EvaluationDir(run.dir, options.split);
  const ResultCheck before = CheckResult(dir, run.id, run.result.code());
  if (before.state == ResultCheck::kCorrupt) {
    return absl::DataLossError(before.problem);
  }
  const bool reused = before.state == ResultCheck::kValid;
  if (!reused) {
    TRANSECT_ASSIGN_OR_RETURN(const std::string worker,
                              WorkerOf(run, store, present, code));
    TRANSECT_ASSIGN_OR_RETURN(const RunFiles files,
                              FilesOfRun(store, run, InputsUsed::kData));
    TRANSECT_ASSIGN_OR_RETURN(const int made,
                              Make(worker, files, options.split, dir));
    if (made != 0) return made;
  }
  TRANSECT_ASSIGN_OR_RETURN(const Evaluation evaluation,
                            Summarise(run, options.split, dir, reused));
  std::string text = Text(evaluation);
  if (options.format == "json") {
    TRANSECT_ASSIGN_OR_RETURN(text, Json(evaluation));
  }
  TRANSECT_RETURN_IF_ERROR(PrintOut(text));
  return 0;
}

}  // namespace transect
