// The states of jobs, from what lies in the store (plan.h).

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/io/textproto.h"
#include "launch/plan/equal_failures.h"
#include "launch/plan/plan.h"
#include "launch/store/check_job.h"
#include "launch/store/lease.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {
namespace {

// What of the run there is under codes other than `code`, one sentence; "" if
// nothing.
std::string UnderOtherCodes(const Store& store, const Job& job,
                            absl::string_view code) {
  std::vector<std::string> done;
  std::vector<std::string> others;
  for (const std::string& other : store.CodesOfRun(job.id)) {
    if (other == ShownCode(code)) continue;
    const ResultCheck check = CheckJob(store.RunDir(job.id, other), job.id, "",
                                       EvaluationsOf(job.launch));
    if (check.state == ResultCheck::kValid) done.push_back(other);
    if (check.state == ResultCheck::kTrained) {
      others.push_back(absl::StrCat("under code ", other, " ", check.problem));
    }
  }
  if (!done.empty()) {
    others.insert(others.begin(),
                  absl::StrCat("done under code ", absl::StrJoin(done, ", ")));
  }
  return absl::StrJoin(others, "; ");
}

bool HasFailed(const Outcome& outcome) {
  return !outcome.interrupted() && outcome.has_cause();
}

// Whether an attempt in the job's directory evaluated what the job does:
// another run that trains the same may have made it.
bool EvaluatesTheSame(const Job& job, int attempt) {
  const absl::StatusOr<LaunchPlan> launch =
      ReadTextproto<LaunchPlan>(LaunchPath(AttemptDir(job.dir, attempt)));
  if (!launch.ok()) return true;
  const auto ids = [](const LaunchPlan& plan) {
    std::set<std::string> all;
    for (const EvaluateJob& each : EvaluationsOf(plan)) all.insert(each.id());
    return all;
  };
  return ids(*launch) == ids(job.launch);
}

// Whether the run is done under one of the codes; then it is that run.
bool IsDoneUnder(absl::Span<const std::string> codes, const Store& store,
                 Job* job) {
  for (const std::string& code : codes) {
    const std::string dir = store.RunDir(job->id, code);
    ResultCheck check = CheckJob(dir, job->id, "", EvaluationsOf(job->launch));
    if (check.state == ResultCheck::kValid) {
      job->state = JobState::kDone;
      job->result = std::move(check.result);
      job->weights_gone = check.weights_gone;
      job->dir = dir;
      job->note = absl::StrCat("done under code ", code, ", which is accepted");
      return true;
    }
  }
  return false;
}

}  // namespace

bool IsFailureOf(const Job& job, int attempt, const Outcome& outcome) {
  if (!HasFailed(outcome)) return false;
  // Before it trains, an attempt opens what it will evaluate on.
  const bool may_be_of_an_evaluation =
      job.state == JobState::kTrained || outcome.exit_code() == ExitCode::DATA;
  return !may_be_of_an_evaluation || EvaluatesTheSame(job, attempt);
}

void RefreshState(const Store& store, absl::string_view code, Job* job,
                  absl::Span<const std::string> accepted) {
  if (job->state == JobState::kPending) {
    return;
  }
  job->note.clear();
  job->result.Clear();
  job->weights_gone = false;
  job->unevaluated.clear();
  job->equal_failures = 0;
  job->failed_at_spec = false;
  job->state = JobState::kNew;
  const bool of_code =
      job->kind == Job::Kind::kRun || job->kind == Job::Kind::kWeights;
  if (!job->dir.empty()) {
    ResultCheck check = CheckJob(job->dir, job->id, of_code ? code : "",
                                 EvaluationsOf(job->launch));
    if (check.state == ResultCheck::kValid) {
      job->state = JobState::kDone;
      job->result = std::move(check.result);
      job->weights_gone = check.weights_gone;
      return;
    }
    if (check.state == ResultCheck::kTrained) {
      job->state = JobState::kTrained;
      job->note = check.problem;
      job->result = std::move(check.result);
      job->unevaluated = std::move(check.missing);
    }
    if (check.state == ResultCheck::kCorrupt) {
      job->state = JobState::kCorrupt;
      job->note = check.problem;
      return;
    }
  }
  if (job->kind == Job::Kind::kRun && IsDoneUnder(accepted, store, job)) {
    return;
  }
  if (!job->dir.empty()) {
    if (IsLeaseHeld(job->dir)) {
      job->state = JobState::kRunning;
      job->note = LeaseHolder(job->dir);
      return;
    }
    if (const std::vector<int> attempts = Attempts(job->dir);
        !attempts.empty()) {
      const absl::StatusOr<Outcome> outcome = ReadTextproto<Outcome>(
          OutcomePath(AttemptDir(job->dir, attempts.back())));
      const EqualFailures failures = CountEqualFailures(
          job->dir, code, [&](int attempt, const Outcome& each) {
            return IsFailureOf(*job, attempt, each);
          });
      const bool failed =
          outcome.ok() && IsFailureOf(*job, attempts.back(), *outcome);
      const bool given_up = failures.times >= kMostEqualFailures;
      if (failed || given_up) {
        job->note = given_up ? failures.cause : outcome->cause();
        job->equal_failures = failures.times;
        job->failed_at_spec = failures.of_spec;
        job->state = JobState::kFailed;
        return;
      }
      if (job->state != JobState::kTrained &&
          !(outcome.ok() && HasFailed(*outcome))) {
        job->note =
            absl::StrCat("attempt ", attempts.back(), " was interrupted");
      }
    }
  }
  if (job->kind == Job::Kind::kRun && job->state != JobState::kTrained) {
    const std::string others = UnderOtherCodes(store, *job, code);
    if (!others.empty()) {
      job->state = JobState::kStale;
      job->note = others;
    }
  }
}

}  // namespace transect
