#include "launch/slurm/run_states.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "launch/ledger/ledger.h"
#include "launch/ledger/queued_job.h"
#include "launch/ledger/run_state.h"
#include "launch/plan/jobs.h"
#include "launch/slurm/queue.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

bool IsOver(const Job& job) {
  return job.state == JobState::kDone || job.state == JobState::kCorrupt;
}

// INTENT of the run's submissions.
template <typename Function>
void ForEachIntent(const Ledger& ledger, const RunHistory& history,
                   Function function) {
  for (const int index : history.entries) {
    const LedgerEvent& event = ledger.entries[index].event;
    if (event.kind() == LedgerEvent::INTENT) function(event);
  }
}

// The job of each comment: a live one if there is any, else the last listed. Of
// an array, one whose state says most about those of its runs that nobody
// works on: one that waits, else one that runs.
std::map<std::string, const QueuedJob*> JobsByComment(
    const std::vector<QueuedJob>& queue) {
  const auto rank = [](const QueuedJob& job) {
    switch (job.phase) {
      case QueuePhase::kUnknown:
        return 5;
      case QueuePhase::kRunning:
      case QueuePhase::kEnding:
        return 4;
      case QueuePhase::kPending:
        return 3;
      case QueuePhase::kHeld:
      case QueuePhase::kSuspended:
        return 2;
      case QueuePhase::kEnded:
      case QueuePhase::kCancelled:
        break;
    }
    return 0;
  };
  std::map<std::string, const QueuedJob*> jobs;
  for (const QueuedJob& job : queue) {
    const QueuedJob*& best = jobs[job.comment];
    if (best == nullptr || rank(job) >= rank(*best)) best = &job;
  }
  return jobs;
}

}  // namespace

absl::StatusOr<RunStates> StatesOfRuns(const Store& store, const Plan& plan,
                                       bool ask) {
  TRANSECT_ASSIGN_OR_RETURN(const Ledger ledger,
                            ReadLedger(store, plan.expansion.name));
  const std::map<std::string, RunHistory> histories =
      HistoriesOf(ledger, plan.code);
  const absl::Span<const Job> runs = plan.Runs();
  std::vector<const RunHistory*> of_runs(runs.size(), nullptr);
  std::set<std::string> names;
  for (size_t i = 0; i < runs.size(); ++i) {
    const auto found = histories.find(runs[i].id);
    if (found == histories.end()) continue;
    of_runs[i] = &found->second;
    if (IsOver(runs[i])) continue;
    ForEachIntent(ledger, found->second, [&](const LedgerEvent& intent) {
      names.insert(intent.job_name());
    });
  }
  RunStates states;
  states.ledger_problems = ledger.problems;
  std::vector<QueuedJob> queue;
  QueueAnswer answer = QueueAnswer::kNotAsked;
  if (ask && !names.empty()) {
    absl::StatusOr<std::vector<QueuedJob>> asked =
        AskQueue(std::vector<std::string>(names.begin(), names.end()));
    answer = asked.ok() ? QueueAnswer::kAnswered : QueueAnswer::kNone;
    if (asked.ok()) {
      queue = *std::move(asked);
    } else {
      states.queue_problem = std::string(asked.status().message());
    }
  }
  const std::map<std::string, const QueuedJob*> jobs = JobsByComment(queue);
  for (size_t i = 0; i < runs.size(); ++i) {
    RunEvidence evidence;
    evidence.files = runs[i].state;
    evidence.note = runs[i].note;
    evidence.queue = answer;
    if (of_runs[i] != nullptr) {
      evidence.ledger = &ledger;
      evidence.history = of_runs[i];
      // A live job of an older submission counts more than the end of a newer
      // one.
      ForEachIntent(ledger, *of_runs[i], [&](const LedgerEvent& intent) {
        const auto job = jobs.find(intent.comment());
        if (job == jobs.end()) return;
        if (evidence.job == nullptr || !MayWork(evidence.job->phase) ||
            MayWork(job->second->phase)) {
          evidence.job = job->second;
        }
      });
    }
    states.runs.push_back(StatusOf(evidence));
  }
  return states;
}

}  // namespace transect
