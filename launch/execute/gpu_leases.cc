#include "launch/execute/gpu_leases.h"

#include <unistd.h>

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "data/io/file.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

GpuLeases::GpuLeases(const Store& store, std::vector<Gpu> gpus,
                     std::string host)
    : store_(store), gpus_(std::move(gpus)), host_(std::move(host)) {}

absl::StatusOr<std::vector<int>> GpuLeases::Take(
    int job, absl::Span<const int> candidates, int count) {
  std::vector<int> taken;
  std::vector<std::unique_ptr<Lease>> leases;
  std::string holder;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const size_t left = candidates.size() - i;
    if (taken.size() == static_cast<size_t>(count) ||
        taken.size() + left < static_cast<size_t>(count)) {
      break;
    }
    const Gpu& gpu = gpus_[candidates[i]];
    const std::string directory = store_.GpuDir(host_, gpu.key);
    TRANSECT_RETURN_IF_ERROR(MakeDirs(directory));
    absl::StatusOr<std::unique_ptr<Lease>> lease = Lease::TryTake(directory);
    if (lease.ok()) {
      taken.push_back(candidates[i]);
      leases.push_back(*std::move(lease));
    } else if (!absl::IsUnavailable(lease.status())) {
      return lease.status();
    } else if (holder.empty()) {
      holder = absl::StrCat("GPU ", gpu.name, ": ", LeaseHolder(directory));
    }
  }
  if (taken.size() < static_cast<size_t>(count)) {
    return absl::UnavailableError(absl::StrCat(
        "other launchers on this store have the GPUs (", holder, ")"));
  }
  if (!leases.empty()) leases_[job] = std::move(leases);
  return taken;
}

std::string HostName() {
  char name[256] = "";
  return gethostname(name, sizeof(name) - 1) == 0 && name[0] != '\0'
             ? name
             : "unknown";
}

}  // namespace transect
