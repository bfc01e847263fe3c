#include "launch/store/find_run.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "experiments/identity/run_id.h"
#include "experiments/identity/run_inputs.h"
#include "launch/store/job.pb.h"
#include "launch/store/job_inputs.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// A job directory below a code part.
struct Candidate {
  std::string id;
  std::string code;
  std::string dir;
  ResultCheck check;
};

std::string NameOf(const Candidate& run) {
  return absl::StrCat(ShownId(run.id), "/", run.code);
}

// Ids in the store that begin with `prefix`: runs and weights.
std::vector<std::string> IdsThatFit(const Store& store,
                                    absl::string_view prefix) {
  std::vector<std::string> ids = store.RunIds(prefix);
  for (const std::string& id : store.InputIds(prefix)) {
    // Data sets and tokenizers have no code part.
    if (!store.CodesOfWeights(id).empty()) ids.push_back(id);
  }
  return ids;
}

std::vector<Candidate> JobsThatFit(const Store& store, const std::string& id,
                                   absl::string_view code_prefix) {
  std::vector<Candidate> jobs;
  const auto add = [&](const std::string& code, const std::string& dir) {
    if (absl::StartsWith(code, ShownCode(code_prefix))) {
      jobs.push_back({id, code, dir, CheckResult(dir, id, "")});
    }
  };
  for (const std::string& code : store.CodesOfRun(id)) {
    add(code, store.RunDir(id, code));
  }
  for (const std::string& code : store.CodesOfWeights(id)) {
    add(code, store.WeightsDir(id, code));
  }
  return jobs;
}

absl::StatusOr<Candidate> Choose(absl::string_view name,
                                 const std::vector<Candidate>& jobs,
                                 absl::string_view code) {
  std::vector<Candidate> done;
  for (const Candidate& job : jobs) {
    if (job.check.state == ResultCheck::kValid) {
      if (job.check.result.code() == code) return job;
      done.push_back(job);
    }
  }
  if (done.size() == 1) return done[0];
  if (done.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "run '", name, "' was done under ", done.size(),
        " codes, none of them the present one; name one of\n",
        absl::StrJoin(done, "\n", [](std::string* out, const Candidate& job) {
          absl::StrAppend(out, "  ", NameOf(job));
        })));
  }
  for (const Candidate& job : jobs) {
    if (job.check.state == ResultCheck::kCorrupt) {
      return absl::DataLossError(job.check.problem);
    }
  }
  return absl::NotFoundError(absl::StrCat("run '", name,
                                          "' is not done: there is no ",
                                          ResultPath(jobs.back().dir)));
}

// Makes a place inside the store that `plan` was written for one inside `root`.
void Rebase(const std::string& old_root, const std::string& root,
            std::string* path) {
  if (absl::StartsWith(*path, old_root + "/")) {
    *path = absl::StrCat(root, path->substr(old_root.size()));
  }
}

// Made data that the ranks read from a copy on their node's disk, in the place
// that it has in the store (slurm.scratch of the site file): others read it
// from the store.
void Unstage(const Store& store, const JobInputs& inputs, TrainJob* train) {
  if (!inputs.has_data()) return;
  const std::string input = store.InputDir(inputs.data());
  const std::string copy = absl::StrCat(
      "/transect", absl::StripPrefix(absl::string_view(input), store.root()));
  const std::string& root = train->data_root();
  const size_t at = root.rfind(copy);
  if (at != std::string::npos) {
    train->set_data_root(absl::StrCat(input, root.substr(at + copy.size())));
  }
}

absl::StatusOr<LaunchPlan> ReadLaunch(const Store& store,
                                      const Candidate& job) {
  const std::string attempt_dir =
      AttemptDir(job.dir, job.check.result.attempt());
  const std::string path = LaunchPath(attempt_dir);
  TRANSECT_ASSIGN_OR_RETURN(LaunchPlan launch, ReadTextproto<LaunchPlan>(path));
  if (!launch.has_train()) {
    return absl::DataLossError(absl::StrCat(path, ": is not about a training"));
  }
  absl::string_view old_root = launch.job_dir();
  if (!absl::ConsumeSuffix(&old_root,
                           absl::StripPrefix(job.dir, store.root()))) {
    return absl::DataLossError(absl::StrCat(
        path, ": is about ", launch.job_dir(), ", not about ", job.dir));
  }
  const std::string old(old_root);
  TrainJob* const train = launch.mutable_train();
  for (const InputInfo& info : kRunInputs) {
    if (!PlaceOf(info.name, *train).empty()) {
      Rebase(old, store.root(), MutablePlaceOf(info.name, train));
    }
  }
  launch.set_job_dir(job.dir);
  launch.set_attempt_dir(attempt_dir);
  return launch;
}

// Whether the file at `path`, which says `spec`, is about the job.
absl::Status CheckId(const RunSpec& spec, const JobInputs& inputs,
                     const Candidate& job, const std::string& path) {
  // By the identity that the data had then: its maker may have changed since.
  std::string train_data = inputs.train_data();
  if (train_data.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(train_data, TrainDataId(spec, ReadsOf(inputs)),
                              _ << "in " << path);
  }
  TRANSECT_ASSIGN_OR_RETURN(const std::string run,
                            RunIdOnData(spec, train_data, ReadsOf(inputs)),
                            _ << "in " << path);
  // Runs that only make weights are known by the weights.
  if (run == job.id || WeightsId(run) == job.id) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      path, ": its run has the id ", ShownId(run), ", but lies in ", job.dir,
      "; the file was changed after the run was made, so what it says is not "
      "what ran"));
}

// Only an evaluation on other data than the run's says what it was told.
std::string OtherDataOf(const std::string& dir, const Result& result) {
  if (!result.made_alone()) return "";
  const absl::StatusOr<LaunchPlan> launch =
      ReadTextproto<LaunchPlan>(LaunchPath(AttemptDir(dir, result.attempt())));
  return launch.ok() ? launch->train().run().data().found().role() : "";
}

}  // namespace

std::vector<FoundEvaluation> FinishedEvaluations(const std::string& run_dir) {
  std::vector<FoundEvaluation> evaluations;
  for (const std::string& name : EvaluationNames(run_dir)) {
    const size_t dash = name.rfind('-');
    const std::string dir = absl::StrCat(EvaluationsDir(run_dir), "/", name);
    const absl::StatusOr<Result> result =
        ReadTextproto<Result>(ResultPath(dir));
    if (!result.ok()) continue;
    ResultCheck check = CheckResult(dir, result->id(), result->code());
    if (check.state == ResultCheck::kValid &&
        ShownId(result->id()) == name.substr(dash + 1)) {
      evaluations.push_back({name.substr(0, dash),
                             OtherDataOf(dir, check.result), dir,
                             std::move(check.result)});
    }
  }
  return evaluations;
}

absl::StatusOr<FoundRun> FindRun(const Store& store, absl::string_view code,
                                 absl::string_view name) {
  const size_t slash = name.find('/');
  const absl::string_view id_prefix = name.substr(0, slash);
  const absl::string_view code_prefix =
      slash == name.npos ? "" : name.substr(slash + 1);
  const std::vector<std::string> ids = IdsThatFit(store, id_prefix);
  if (!id_prefix.empty() && ids.empty()) {
    for (const OlderRun& older : store.OlderRuns()) {
      if (absl::StartsWith(older.id, id_prefix)) {
        return absl::NotFoundError(absl::StrCat(
            "run '", name, "': its id is of the older scheme ", older.scheme,
            ", and the program that made it has to read it: ", older.dir));
      }
    }
  }
  if (id_prefix.empty() || ids.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "run '", name, "': the store ", store.root(),
        " has no run whose id starts so; `transect plan` prints ids"));
  }
  if (ids.size() > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("run '", name, "': the start of ", ids.size(), " ids:\n  ",
                     absl::StrJoin(ids, "\n  ")));
  }
  const std::vector<Candidate> jobs = JobsThatFit(store, ids[0], code_prefix);
  if (jobs.empty()) {
    return absl::NotFoundError(
        absl::StrCat("run '", name, "': the store ", store.root(),
                     " has nothing of it under a code that starts so"));
  }
  TRANSECT_ASSIGN_OR_RETURN(const Candidate job, Choose(name, jobs, code));
  FoundRun run;
  run.id = job.id;
  run.dir = job.dir;
  run.result = job.check.result;
  TRANSECT_ASSIGN_OR_RETURN(run.launch, ReadLaunch(store, job));
  TRANSECT_ASSIGN_OR_RETURN(
      run.inputs,
      ReadTextproto<JobInputs>(InputsPath(run.launch.attempt_dir())));
  Unstage(store, run.inputs, run.launch.mutable_train());
  const std::string spec_path = SpecPath(job.dir);
  TRANSECT_ASSIGN_OR_RETURN(const RunSpec spec,
                            ReadTextproto<RunSpec>(spec_path));
  TRANSECT_RETURN_IF_ERROR(CheckId(spec, run.inputs, job, spec_path));
  TRANSECT_RETURN_IF_ERROR(CheckId(run.launch.train().run(), run.inputs, job,
                                   LaunchPath(run.launch.attempt_dir())));
  run.evaluations = FinishedEvaluations(job.dir);
  std::ranges::stable_partition(
      run.evaluations,
      [](const FoundEvaluation& found) { return found.data.empty(); });
  std::ranges::stable_partition(
      run.evaluations, [&run](const FoundEvaluation& found) {
        return std::ranges::any_of(run.launch.train().evaluation(),
                                   [&found](const EvaluateJob& own) {
                                     return own.id() == found.result.id();
                                   });
      });
  return run;
}

}  // namespace transect
