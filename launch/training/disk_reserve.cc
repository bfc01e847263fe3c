#include "launch/training/disk_reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace transect {
namespace {

absl::Status TooLittle(const std::string& directory, int64_t bytes) {
  struct statvfs info;
  const bool known = statvfs(directory.c_str(), &info) == 0;
  return absl::ResourceExhaustedError(absl::StrCat(
      "the weights will take ", bytes, " bytes in ", directory,
      known ? absl::StrCat(", and ", uint64_t{info.f_bavail} * info.f_frsize,
                           " are free")
            : "",
      "; make room on that disk before training"));
}

// A file that no name leads to.
int OpenUnnamed(const std::string& directory) {
  const int unnamed =
      open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (unnamed >= 0) return unnamed;
  std::string path = absl::StrCat(directory, "/reserve.tmp.XXXXXX");
  const int named = mkostemp(path.data(), O_CLOEXEC);
  if (named >= 0) unlink(path.c_str());
  return named;
}

}  // namespace

absl::StatusOr<DiskReserve> DiskReserve::Hold(const std::string& directory,
                                              int64_t bytes) {
  rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      limit.rlim_cur < static_cast<uint64_t>(bytes)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the weights will take ", bytes, " bytes in ", directory,
                     ", and this process may write files of at most ",
                     limit.rlim_cur, " (ulimit -f)"));
  }
  DiskReserve reserve;
  reserve.descriptor_ = OpenUnnamed(directory);
  if (reserve.descriptor_ >= 0) {
    int error = 0;
    do {
      error = fallocate(reserve.descriptor_, 0, 0, bytes) == 0 ? 0 : errno;
    } while (error == EINTR);
    if (error == 0) return reserve;
    reserve.Release();
    if (error == ENOSPC || error == EDQUOT) return TooLittle(directory, bytes);
  }
  struct statvfs info;
  if (statvfs(directory.c_str(), &info) == 0 &&
      uint64_t{info.f_bavail} * info.f_frsize < static_cast<uint64_t>(bytes)) {
    return TooLittle(directory, bytes);
  }
  return reserve;
}

void DiskReserve::Release() {
  if (descriptor_ >= 0) close(std::exchange(descriptor_, -1));
}

}  // namespace transect
