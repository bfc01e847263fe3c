/// \file
/// A worker slot: a launcher inside an allocation of Slurm, `transect slot`. It
/// takes the runs of its group one after the other by their leases, as any
/// number of launchers on one store do, and ends when there are none left for
/// it.
#ifndef TRANSECT_LAUNCH_SLURM_SLOT_H_
#define TRANSECT_LAUNCH_SLURM_SLOT_H_

#include <string>

#include "absl/status/statusor.h"
#include "launch/store/store.h"

namespace transect {

struct SlotOptions {
  /// Name and group in the store (sweep.h).
  std::string sweep;
  int group = 0;
  /// Id of the only run; empty for all of the group.
  std::string run;
};

/// Works until its runs are done or failed, or other launchers have had those
/// that are open for longer than a lease holds without a sign of life. SIGUSR2,
/// SIGTERM and SIGINT let the ranks write their checkpoints and end. Says what
/// happens on stdout.
///
/// Returns 0; 2 if a run failed; 85 (CHECKPOINTED) if it was told to stop and
/// there is work left; 1 after an error of the store, which it prints. Such
/// errors before the first run are returned.
absl::StatusOr<int> RunSlot(const Store& store, const SlotOptions& options);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_SLOT_H_
