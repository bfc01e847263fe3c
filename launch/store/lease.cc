#include "launch/store/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "launch/store/store.h"

namespace transect {
namespace {

struct flock WholeFile(short type) {
  struct flock lock;
  memset(&lock, 0, sizeof(lock));
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

std::string Myself() {
  char host[256] = "";
  if (gethostname(host, sizeof(host) - 1) != 0) {
    strcpy(host, "unknown host");
  }
  return absl::StrCat(host, ", process ", getpid());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Lease>> Lease::TryTake(
    absl::string_view job_dir) {
  const std::string path = LeasePath(job_dir);
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  struct flock lock = WholeFile(F_WRLCK);
  if (fcntl(descriptor, F_OFD_SETLK, &lock) != 0) {
    const int error = errno;
    close(descriptor);
    if (error == EAGAIN || error == EACCES) {
      const std::string holder = LeaseHolder(job_dir);
      return absl::UnavailableError(
          absl::StrCat(path, " is held",
                       holder.empty() ? "" : absl::StrCat(" by ", holder)));
    }
    return absl::ErrnoToStatus(error, absl::StrCat("cannot lock ", path));
  }
  // For people only, so that a failure (a full disk) does not matter.
  const std::string holder = absl::StrCat(Myself(), "\n");
  if (ftruncate(descriptor, 0) != 0 ||
      pwrite(descriptor, holder.data(), holder.size(), 0) < 0) {
    errno = 0;
  }
  return std::unique_ptr<Lease>(new Lease(descriptor));
}

Lease::~Lease() { close(descriptor_); }

bool IsLeaseHeld(absl::string_view job_dir) {
  const int descriptor = open(LeasePath(job_dir).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return false;
  }
  const absl::Cleanup closer = [descriptor] { close(descriptor); };
  struct flock lock = WholeFile(F_RDLCK);
  return fcntl(descriptor, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

std::string LeaseHolder(absl::string_view job_dir) {
  absl::StatusOr<std::string> text = ReadFile(LeasePath(job_dir));
  return text.ok() ? std::string(absl::StripAsciiWhitespace(*text)) : "";
}

}  // namespace transect
