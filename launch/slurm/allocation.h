/// \file
/// What a run asks of Slurm.
#ifndef TRANSECT_LAUNCH_SLURM_ALLOCATION_H_
#define TRANSECT_LAUNCH_SLURM_ALLOCATION_H_

#include <compare>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "launch/inputs/site.pb.h"
#include "launch/plan/jobs.h"

namespace transect {

struct Allocation {
  int nodes = 1;
  int ranks_per_node = 1;
  int processors_per_rank = 1;
  int gpus_per_node = 0;
  /// Of each node: what the plan predicts and a quarter more, in whole powers
  /// of two of 1024 MiB, so that runs that differ little are of one group.
  int64_t memory_mib = 1024;

  auto operator<=>(const Allocation&) const = default;
};

/// Nodes for `ranks`: as few as `site` allows, with as many ranks on each.
int NodesFor(int ranks, const SlurmSite& site);

/// kFailedPrecondition, with the way out, for a run on several nodes where the
/// site file names no interface by which they talk.
absl::StatusOr<Allocation> AllocationOf(const Job& job, const SlurmSite& site);

/// "1 node with 2 ranks of 4 processors, 8192 MiB".
std::string AllocationText(const Allocation& allocation);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_ALLOCATION_H_
