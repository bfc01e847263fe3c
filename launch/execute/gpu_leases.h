/// \file
/// GPUs that launchers on one machine and one store share out among themselves:
/// who takes one holds the lease of its directory (Store::GpuDir).
///
/// Launchers on other stores do not see these leases; the site file or
/// CUDA_VISIBLE_DEVICES keeps them apart.
#ifndef TRANSECT_LAUNCH_EXECUTE_GPU_LEASES_H_
#define TRANSECT_LAUNCH_EXECUTE_GPU_LEASES_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "launch/inputs/gpus.h"
#include "launch/store/lease.h"
#include "launch/store/store.h"

namespace transect {

class GpuLeases {
 public:
  /// `gpus` are those of Resources, `host` the name of this machine.
  GpuLeases(const Store& store, std::vector<Gpu> gpus, std::string host);

  /// Takes for `job` the first `count` of the candidates, indices of GPUs, that
  /// no other launcher has, and returns them; none is held after an error.
  /// kUnavailable, naming a holder, where too few are left; never waits.
  absl::StatusOr<std::vector<int>> Take(int job,
                                        absl::Span<const int> candidates,
                                        int count);

  /// Gives back what `job` has.
  void Give(int job) { leases_.erase(job); }

 private:
  const Store& store_;
  const std::vector<Gpu> gpus_;
  const std::string host_;
  std::map<int, std::vector<std::unique_ptr<Lease>>> leases_;
};

/// Name of this machine; "unknown" if it has none.
std::string HostName();

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EXECUTE_GPU_LEASES_H_
