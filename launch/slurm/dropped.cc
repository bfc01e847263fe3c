#include "launch/slurm/dropped.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "launch/ledger/ledger.h"
#include "launch/ledger/run_state.h"
#include "launch/plan/jobs.h"
#include "launch/slurm/command.h"
#include "launch/slurm/run_states.h"
#include "launch/slurm/sweep.h"
#include "launch/store/cancel.h"
#include "launch/store/lease.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

bool IsUnderWay(RunState state) {
  switch (state) {
    case RunState::kSubmitted:
    case RunState::kQueued:
    case RunState::kRunning:
    case RunState::kRequeued:
    case RunState::kUnknown:
      return true;
    default:
      return false;
  }
}

}  // namespace

absl::StatusOr<std::vector<DroppedRun>> FindDropped(const Store& store,
                                                    const Plan& plan,
                                                    bool ask) {
  TRANSECT_ASSIGN_OR_RETURN(const Ledger ledger,
                            ReadLedger(store, plan.expansion.name));
  std::set<std::string> known;
  for (const Job& job : plan.jobs) known.insert(job.id);
  // As a plan of their own, of which no more is known than the files tell.
  Plan dropped;
  dropped.expansion.name = plan.expansion.name;
  dropped.code = plan.code;
  for (const auto& [id, history] : HistoriesOf(ledger, plan.code)) {
    const LedgerEvent& last = ledger.entries[history.entries.back()].event;
    if (known.contains(id) || last.kind() == LedgerEvent::DONE) continue;
    Job job;
    job.id = id;
    job.dir = store.RunDir(id, plan.code);
    if (IsLeaseHeld(job.dir)) {
      job.state = JobState::kRunning;
      job.note = LeaseHolder(job.dir);
    } else if (CheckResult(job.dir, id, plan.code).state !=
                   ResultCheck::kAbsent ||
               !CancelText(job.dir).empty()) {
      continue;
    }
    dropped.jobs.push_back(std::move(job));
  }
  TRANSECT_ASSIGN_OR_RETURN(RunStates states,
                            StatesOfRuns(store, dropped, ask));
  std::vector<DroppedRun> runs;
  for (size_t i = 0; i < dropped.jobs.size(); ++i) {
    if (!IsUnderWay(states.runs[i].state)) continue;
    runs.push_back(
        {dropped.jobs[i].id, dropped.jobs[i].dir, std::move(states.runs[i])});
  }
  return runs;
}

absl::Status CancelDropped(const Store& store, const Plan& plan,
                           absl::Span<const DroppedRun> runs) {
  LedgerStart start;
  start.set_kind(LedgerStart::SUBMITTER);
  start.set_experiment(plan.expansion.name);
  start.set_code(plan.code);
  LedgerWriter ledger(store, std::move(start));
  LedgerEvent event;
  event.set_kind(LedgerEvent::CANCELLED);
  event.set_why("the experiment does not have it any more");
  absl::Status status;
  std::string names;
  for (const DroppedRun& run : runs) {
    status.Update(RequestCancel(run.dir));
    event.add_run(run.id);
    if (run.status.state != RunState::kRunning && !run.status.job.empty()) {
      absl::StrAppend(&names, names.empty() ? "" : ",", SingleName(run.id));
    }
  }
  // Slots of arrays leave a run out that is not wanted.
  if (!names.empty()) {
    status.Update(RunCommand({"scancel", "--state=PENDING",
                              absl::StrCat("--name=", names)})
                      .status());
  }
  status.Update(ledger.Append(std::move(event)));
  return status;
}

}  // namespace transect
