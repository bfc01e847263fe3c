/// \file
/// Runs that were started for an experiment and that it no longer has.
#ifndef TRANSECT_LAUNCH_SLURM_DROPPED_H_
#define TRANSECT_LAUNCH_SLURM_DROPPED_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "launch/ledger/run_state.h"
#include "launch/plan/plan.h"
#include "launch/store/store.h"

namespace transect {

struct DroppedRun {
  std::string id;
  /// Job directory.
  std::string dir;
  RunStatus status;
};

/// The runs that launchers of the plan's experiment began or gave to Slurm
/// under the plan's code, that are under way or wait there, and that are not in
/// the plan. With `ask` squeue is asked where the ledgers name jobs; without an
/// answer what was submitted counts as waiting.
absl::StatusOr<std::vector<DroppedRun>> FindDropped(const Store& store,
                                                    const Plan& plan, bool ask);

/// Asks whoever has them to stop (launch/store/cancel.h), takes jobs that wait
/// for one of them alone out of Slurm's queue, and writes it down. The first
/// error is returned, after all were tried.
absl::Status CancelDropped(const Store& store, const Plan& plan,
                           absl::Span<const DroppedRun> runs);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_DROPPED_H_
