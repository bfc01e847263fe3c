/// \file
/// What ranks read from their node's own disk, where the site file names one
/// (slurm.scratch): the bundle and made data sets, copied once for each node.
///
/// What a copy is of is in its name: the code part, the identity of an input.
#ifndef TRANSECT_LAUNCH_SLURM_STAGED_H_
#define TRANSECT_LAUNCH_SLURM_STAGED_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "launch/slurm/sweep.pb.h"
#include "launch/store/job.pb.h"
#include "launch/store/store.h"

namespace transect {

struct Staged {
  /// "FROM=TO" each, in the order in which they are copied.
  std::vector<std::string> pairs;
  /// The worker to execute: on the node's disk, or in the store.
  std::string worker;
};

/// What an attempt of `job` copies, and lets `plan`, its launch plan, read a
/// made data set from there. Found data are not copied.
Staged StageFor(const Store& store, const Sweep& sweep, const SweepJob& job,
                LaunchPlan* plan);

/// Copies the directory `from` to `to` unless it is there, without what belongs
/// to its making (leases, attempts); of several callers on one node one copies
/// and the others wait. Copies stay: a node's scratch is cleared by its site.
absl::Status Stage(const std::string& from, const std::string& to);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_STAGED_H_
