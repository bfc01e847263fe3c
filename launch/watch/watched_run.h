/// \file
/// What a run is doing, from what lies in its directory: the one place where
/// `transect status`, `show`, `logs`, `fails` and `cancel` get the state of a
/// run from.
///
/// Files are asked in the order of how much they prove: the result, the lease,
/// a request to stop, the outcome of the last attempt; then what ledgers and
/// Slurm say (launch/ledger/run_state.h). Of a metric log only the end is read,
/// however long it is. Writes nothing.
#ifndef TRANSECT_LAUNCH_WATCH_WATCHED_RUN_H_
#define TRANSECT_LAUNCH_WATCH_WATCHED_RUN_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "launch/ledger/run_state.h"
#include "launch/listing/run_list.pb.h"
#include "launch/plan/plan.h"
#include "launch/watch/watched_run.pb.h"

namespace transect {

/// The selected runs of `plan`, in its order. `states`, by index of the run,
/// has what ledgers and Slurm say (StatesOfRuns, launch/slurm/run_states.h);
/// empty for files alone.
std::vector<WatchedRun> WatchPlan(const Plan& plan,
                                  absl::Span<const RunStatus> states = {});

/// The runs of `listing` (ListRuns, launch/listing/run_list.h), in its order.
std::vector<WatchedRun> WatchListing(const StoreListing& listing);

/// All states, as people read them.
inline constexpr WatchState::Value kWatchStates[] = {
    WatchState::DONE,     WatchState::TRAINED, WatchState::RUNNING,
    WatchState::REQUEUED, WatchState::QUEUED,  WatchState::SUBMITTED,
    WatchState::NEW,      WatchState::STOPPED, WatchState::CANCELLED,
    WatchState::FAILED,   WatchState::LOST,    WatchState::CORRUPT,
    WatchState::UNKNOWN,  WatchState::STALE,   WatchState::OLDER_SCHEME,
    WatchState::PENDING};

/// "done", "older scheme", ...: for people.
std::string WatchStateName(WatchState::Value state);

/// Whether something works on a run in that state or will by itself.
bool IsUnderWay(WatchState::Value state);

/// Whether a run in that state is over: done, or left until somebody does
/// something about it.
bool IsOver(WatchState::Value state);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WATCH_WATCHED_RUN_H_
