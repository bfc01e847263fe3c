#include "launch/slurm/allocation.h"

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "launch/plan/schedule.h"

namespace transect {
namespace {

constexpr int64_t kMiB = int64_t{1} << 20;

int64_t UpTo(int64_t number, int64_t divisor) {
  return (number + divisor - 1) / divisor;
}

}  // namespace

int NodesFor(int ranks, const SlurmSite& site) {
  if (site.ranks_per_node() == 0) return 1;
  int nodes = static_cast<int>(UpTo(ranks, site.ranks_per_node()));
  while (ranks % nodes != 0) ++nodes;
  return nodes;
}

absl::StatusOr<Allocation> AllocationOf(const Job& job, const SlurmSite& site) {
  const Need need = NeedOf(job);
  const int ranks = job.launch.ranks();
  Allocation allocation;
  allocation.nodes = NodesFor(ranks, site);
  if (allocation.nodes > 1 && site.interface().empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        job.name, ": ", ranks, " ranks are on ", allocation.nodes,
        " nodes, since the site file allows ", site.ranks_per_node(),
        " on one, and it names no interface by which nodes talk; add a line: "
        "slurm { interface: \"ib0\" }, as `ip -brief address` names it on a "
        "node"));
  }
  allocation.ranks_per_node = ranks / allocation.nodes;
  allocation.processors_per_rank =
      static_cast<int>(UpTo(need.processors, ranks));
  allocation.gpus_per_node =
      static_cast<int>(UpTo(need.gpus, allocation.nodes));
  const int64_t bytes = UpTo(need.memory_bytes, allocation.nodes) / 4 * 5;
  while (allocation.memory_mib * kMiB < bytes) allocation.memory_mib *= 2;
  return allocation;
}

std::string AllocationText(const Allocation& allocation) {
  return absl::StrCat(
      allocation.nodes, allocation.nodes == 1 ? " node with " : " nodes with ",
      allocation.ranks_per_node,
      allocation.ranks_per_node == 1 ? " rank of " : " ranks of ",
      allocation.processors_per_rank,
      allocation.processors_per_rank == 1 ? " processor" : " processors",
      allocation.gpus_per_node == 0
          ? ""
          : absl::StrCat(" and ", allocation.gpus_per_node,
                         allocation.gpus_per_node == 1 ? " GPU" : " GPUs"),
      allocation.nodes == 1 ? ", " : " each, ", allocation.memory_mib, " MiB");
}

}  // namespace transect
