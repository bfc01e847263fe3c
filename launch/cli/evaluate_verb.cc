// `transect evaluate`.
//
// The evaluation is the same job that a run makes of the split: it lies in
// EvaluationDir (store.h) and is made once, under the code that trained the
// run, by its bundle.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "analysis/load_runs.h"
#include "analysis/score_run.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "data/io/new_directory.h"
#include "data/io/problems.h"
#include "data/io/proto_json.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "experiments/identity/run_inputs.h"
#include "experiments/run/old_spec.h"
#include "experiments/training/training_spec.h"
#include "launch/cli/evaluation_text.h"
#include "launch/cli/other_data.h"
#include "launch/cli/output.h"
#include "launch/cli/request_flags.h"
#include "launch/cli/run_files.h"
#include "launch/cli/run_reference.h"
#include "launch/cli/session.h"
#include "launch/cli/used_data.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/cli/worker_command.h"
#include "launch/plan/data_use.h"
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

constexpr auto kData = InputName::kData;

struct EvaluateOptions {
  RunReferenceOptions run;
  // Role or directory of other data, and their layout.
  std::string data;
  FoundDataset reading;
  // As EvaluationSpec.resolution.
  std::optional<int> resolution;
  // File for the per-image lines.
  std::string items;
  std::string format;
  EvaluateRequest request;
};

// An evaluation that is asked for.
struct Wanted {
  FoundRun run;
  std::string split;
  // Nothing for the run's own data.
  std::optional<OtherData> other;
  // As the evaluation is to be done.
  EvaluationSpec settings;
  Reads reads;
  std::string id;
  std::string dir;
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

// What an evaluation on other data was told, from which readers of the store
// know that it is one.
absl::Status WriteWhatItReads(const Wanted& wanted,
                              const EvaluateRequest& evaluate,
                              const std::string& making) {
  if (!wanted.other.has_value()) return absl::OkStatus();
  const std::string attempt_dir = AttemptDir(making, 1);
  TRANSECT_RETURN_IF_ERROR(MakeDirs(attempt_dir));
  LaunchPlan launch;
  launch.set_id(wanted.id);
  launch.set_code(wanted.run.result.code());
  launch.set_attempt(1);
  launch.set_job_dir(wanted.dir);
  launch.set_attempt_dir(AttemptDir(wanted.dir, 1));
  launch.set_ranks(1);
  *launch.mutable_train() = evaluate.files().job();
  TRANSECT_RETURN_IF_ERROR(
      WriteTextprotoAtomic(LaunchPath(attempt_dir), launch));
  return WriteTextprotoAtomic(InputsPath(attempt_dir),
                              ToJobInputs(wanted.reads));
}

// Makes the evaluation; returns the exit code of the worker.
absl::StatusOr<int> Make(const std::string& worker, const Wanted& wanted,
                         const EvaluateRequest& evaluate) {
  const std::string& run_dir = wanted.run.dir;
  const std::string& dir = wanted.dir;
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
        TRANSECT_RETURN_IF_ERROR(WriteWhatItReads(wanted, evaluate, making));
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

// Whether the run was trained on the items of the evaluation.
bool IsTrainedOn(const Wanted& wanted) {
  return !wanted.other.has_value() &&
         wanted.split == wanted.run.launch.train().run().data().train_split();
}

absl::StatusOr<Evaluation> Summarize(const Wanted& wanted,
                                     const std::string& items, bool reused) {
  TRANSECT_ASSIGN_OR_RETURN(const LoadedEvaluation loaded,
                            LoadEvaluation(wanted.dir));
  TRANSECT_ASSIGN_OR_RETURN(const RunScores scores, ScoreRun(*loaded.items));
  Evaluation evaluation;
  evaluation.set_version(1);
  evaluation.set_run(wanted.run.id);
  evaluation.set_code(wanted.run.result.code());
  evaluation.set_split(wanted.split);
  evaluation.set_directory(wanted.dir);
  evaluation.set_reused(reused);
  evaluation.set_items(static_cast<int64_t>(scores.item_ids.size()));
  if (wanted.other.has_value()) {
    evaluation.set_data(wanted.other->reading.role());
  }
  evaluation.set_data_identity(wanted.reads[kData]);
  evaluation.set_trained_on(IsTrainedOn(wanted));
  evaluation.set_resolution(loaded.result.resolution());
  evaluation.set_items_file(items);
  for (const Measure& measure : scores.measures) {
    EvaluationMeasure* const out = evaluation.add_measure();
    out->set_kind(measure.kind);
    out->set_value(measure.value);
    out->set_items(measure.items);
  }
  return evaluation;
}

absl::StatusOr<Wanted> FindWanted(const EvaluateOptions& options,
                                  const Session& session,
                                  ReferredRun referred) {
  Wanted wanted;
  wanted.run = *std::move(referred.found);
  wanted.split = options.request.split();
  if (wanted.split.empty()) {
    if (options.data.empty()) {
      return absl::InvalidArgumentError("--split is required without --data");
    }
    wanted.split = "test";
  }
  RunSpec run = wanted.run.launch.train().run();
  // An experiment may ask for other controls than the run was made with.
  if (referred.planned.has_value()) {
    *run.mutable_evaluation() = referred.planned->train().run().evaluation();
  }
  if (options.resolution.has_value()) {
    run.mutable_evaluation()->set_resolution(*options.resolution);
    Problems problems;
    ValidateEvaluationSpec(run.evaluation(), "", &problems);
    if (!problems.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--", problems.all()[0].field, " ", problems.all()[0].message));
    }
  }
  wanted.settings = run.evaluation();
  wanted.reads = ReadsOf(wanted.run.inputs);
  if (!options.data.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(
        OtherData other,
        FindOtherData(session, options.data, options.reading, run.data()));
    if (other.identity != wanted.reads[kData]) {
      *run.mutable_data()->mutable_found() = other.reading;
      wanted.reads[kData] = other.identity;
      wanted.other = std::move(other);
    }
  }
  TRANSECT_ASSIGN_OR_RETURN(
      wanted.id, EvaluationId(run, wanted.run.id, wanted.split, wanted.reads));
  wanted.dir = EvaluationDir(wanted.run.dir, wanted.split, wanted.id);
  return wanted;
}

// The run's files, with the data and the settings of the evaluation.
absl::StatusOr<RunFiles> FilesOf(const Wanted& wanted, const Session& session) {
  const bool own = !wanted.other.has_value();
  TRANSECT_ASSIGN_OR_RETURN(
      RunFiles files,
      FilesOfRun(session.store, wanted.run,
                 own ? InputsUsed::kData : InputsUsed::kTokenizer));
  TrainJob& job = *files.mutable_job();
  *job.mutable_run()->mutable_evaluation() = wanted.settings;
  if (!own) ReadOtherData(*wanted.other, &job);
  return files;
}

// Looks at all records before the network is loaded; as CheckUsedData.
absl::StatusOr<int> CheckData(const CommandContext& context,
                              const Session& session, const Wanted& wanted,
                              const TrainJob& job) {
  if (!job.run().data().has_found()) return 0;
  UsedData used;
  used.data = job.run().data().found();
  used.root = job.data_root();
  used.splits = {wanted.split};
  for (const FoundContent& content : job.found()) {
    if (content.input() == InfoOf(kData).text) {
      used.identity = content.sha256();
    }
  }
  return CheckUsedData(
      context, session.store, {used},
      absl::StrCat("nothing was evaluated: ",
                   wanted.other.has_value()
                       ? "--policy KIND=DROP leaves records out, else the "
                         "evaluation would stop"
                       : "the evaluation would stop"));
}

// Flags that say how --data is read go with it.
absl::Status CheckOptions(const CommandContext& context,
                          const EvaluateOptions& options) {
  // An absent policy is there, and empty.
  FoundDataset typed = options.reading;
  if (typed.policy().ByteSizeLong() == 0) typed.clear_policy();
  if (options.data.empty() && typed.ByteSizeLong() > 0) {
    return absl::InvalidArgumentError(
        "--format-of-data, --sentence-field, --ignored-label and --policy go "
        "with --data; the run's own data are read as the run reads them");
  }
  if (options.run.spec.empty() && !context.overrides.empty()) {
    return absl::InvalidArgumentError(
        "--set goes with --spec: it changes that experiment; what becomes of "
        "defective records of --data is said with --policy, such as --policy "
        "image_missing=DROP");
  }
  return absl::OkStatus();
}

// Says what a worker of another build may not have understood.
void TellOfOtherBuild(const Wanted& wanted, const Session& session) {
  const std::string& code = wanted.run.result.code();
  if (code == session.code) return;
  const absl::StatusOr<CodeParts> parts = ReadCodeParts(session.store, code);
  Tell(absl::StrCat(
      "that was the worker that trained the run, of code ", ShownCode(code),
      parts.ok() && !parts->commit().empty()
          ? absl::StrCat(", built from commit ", parts->commit())
          : "",
      ". If it does not know a field, it is older than this program: evaluate "
      "with the `transect` of its build, or run the run again under the "
      "present code\n"));
}

absl::Status CheckItemsFile(const std::string& path) {
  if (path.empty() || absl::EndsWith(path, ".csv") ||
      absl::EndsWith(path, ".jsonl")) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("--items ", path,
                   ": the name must end in .csv or .jsonl, which says "
                   "how the lines are written"));
}

// Writes the per-image lines; returns the exit code of the worker.
absl::StatusOr<int> WriteItems(const CommandContext& context,
                               const Wanted& wanted, RunFiles files,
                               const std::string& out) {
  WorkerRequest request;
  ExportItemsRequest& items = *request.mutable_export_items();
  *items.mutable_job() = std::move(*files.mutable_job());
  CompleteOldSpec(items.mutable_job()->mutable_run());
  items.set_split(wanted.split);
  items.set_evaluation_dir(wanted.dir);
  items.set_out(out);
  return RunWorkerRequest(context, request);
}

absl::StatusOr<int> EvaluateRun(const CommandContext& context,
                                const EvaluateOptions& options) {
  TRANSECT_RETURN_IF_ERROR(CheckItemsFile(options.items));
  TRANSECT_RETURN_IF_ERROR(CheckOptions(context, options));
  TRANSECT_ASSIGN_OR_RETURN(RunReferences references,
                            RunReferences::Open(context, options.run.spec));
  const Session& session = references.session();
  TRANSECT_RETURN_IF_ERROR(session.worker.status());
  TRANSECT_ASSIGN_OR_RETURN(ReferredRun referred,
                            references.FindDone(options.run.run));
  TRANSECT_ASSIGN_OR_RETURN(const Wanted wanted,
                            FindWanted(options, session, std::move(referred)));
  const ResultCheck before =
      CheckResult(wanted.dir, wanted.id, wanted.run.result.code());
  if (before.state == ResultCheck::kCorrupt) {
    return absl::DataLossError(before.problem);
  }
  const bool reused = before.state == ResultCheck::kValid;
  RunFiles files;
  if (!reused || !options.items.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(files, FilesOf(wanted, session));
  }
  if (!reused) {
    TRANSECT_ASSIGN_OR_RETURN(const int stopped,
                              CheckData(context, session, wanted, files.job()));
    if (stopped != 0) return stopped;
    TRANSECT_ASSIGN_OR_RETURN(const std::string worker,
                              WorkerOf(wanted.run, session));
    EvaluateRequest request;
    request.set_split(wanted.split);
    request.set_id(wanted.id);
    request.set_store(session.store.root());
    *request.mutable_files() = files;
    TRANSECT_ASSIGN_OR_RETURN(const int made, Make(worker, wanted, request));
    if (made != 0) {
      TellOfOtherBuild(wanted, session);
      return made;
    }
  }
  if (!options.items.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(
        const int written,
        WriteItems(context, wanted, std::move(files), options.items));
    if (written != 0) return written;
  }
  TRANSECT_ASSIGN_OR_RETURN(const Evaluation evaluation,
                            Summarize(wanted, options.items, reused));
  std::string text = EvaluationText(evaluation);
  if (options.format == "json") {
    TRANSECT_ASSIGN_OR_RETURN(text, PrintProtoJson(evaluation));
  }
  TRANSECT_RETURN_IF_ERROR(PrintOut(text, PrintedAs(context, options.format)));
  return 0;
}

}  // namespace

void AddEvaluateVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "evaluate",
      "Evaluate a run's network on a split, of its own data set or of another "
      "one, once; the result stays beside the run. With --spec as that "
      "experiment evaluates.");
  const auto options = std::make_shared<EvaluateOptions>();
  AddRunReference(verb, line, &options->run)->required();
  AddField(verb, "--split", "split", &options->request,
           "train, val or test. Default with --data: test.")
      ->check(CLI::IsMember({"train", "val", "test"}));
  verb->add_option("--data", options->data,
                   "Another data set than the run's own: a role of the site "
                   "file, or a directory. How it is read is said by the next "
                   "four flags.");
  AddReadingFlags(verb, &options->reading);
  AddPolicyFlag(verb, options->reading.mutable_policy());
  verb->add_option_function<int>(
      "--resolution", [options](int side) { options->resolution = side; },
      "Side in pixels of the square at which masks are compared, 16 to 4096, "
      "such as 480, which some published evaluators use; 0 for each image's "
      "own size. Default: evaluation.resolution of the run or of --spec.");
  verb->add_option("--items", options->items,
                   "FILE.csv or FILE.jsonl, replaced if it exists: a line for "
                   "each item with image, sentence, category, intersection, "
                   "union and IoU, here as in JSON a fraction, 0 to 1.");
  AddFormat(verb, &options->format, {"text", "json"},
            "text, or json: a message Evaluation of "
            "launch/requests/predictions.proto.");
  AddPlaces(verb, line);
  OnVerb(verb, line, options, EvaluateRun);
}

}  // namespace transect
