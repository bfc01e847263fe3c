/// \file
/// Disk space that is held while a training runs, so that its weights can be
/// written when the last step is done, whatever filled the disk meanwhile.
#ifndef TRANSECT_LAUNCH_TRAINING_DISK_RESERVE_H_
#define TRANSECT_LAUNCH_TRAINING_DISK_RESERVE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/statusor.h"

namespace transect {

/// Holds nothing after Release, or by default. The space is that of a file
/// without a name, so the kernel frees it when the process ends, however that
/// comes about.
class DiskReserve {
 public:
  DiskReserve() = default;
  DiskReserve(DiskReserve&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  DiskReserve& operator=(DiskReserve&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~DiskReserve() { Release(); }

  /// Holds `bytes`, at least 1, on the file system of `directory`.
  /// kResourceExhausted if it has fewer, or if this process may not write files
  /// of that size. Where the file system cannot hold space, it only has to be
  /// there now.
  static absl::StatusOr<DiskReserve> Hold(const std::string& directory,
                                          int64_t bytes);

  void Release();

 private:
  int descriptor_ = -1;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_DISK_RESERVE_H_
