#include "launch/store/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "launch/store/claim.h"
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

// Whether a lock that is held on `descriptor`, which `path` names, keeps others
// out. Some file systems grant every lock.
bool Excludes(const std::string& path) {
  const int other = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (other < 0) return false;
  const absl::Cleanup closer = [other] { close(other); };
  struct flock lock = WholeFile(F_WRLCK);
  return fcntl(other, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

// ENOLCK: NFS without a lock daemon. The others: file systems without locks.
bool HasNoLocks(int error) {
  return error == ENOLCK || error == ENOSYS || error == EINVAL ||
         error == ENOTSUP || error == EOPNOTSUPP;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Lease>> Lease::TryTake(
    absl::string_view job_dir) {
  const std::string path = LeasePath(job_dir);
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  std::unique_ptr<Lease> lease(new Lease(descriptor));
  struct flock lock = WholeFile(F_WRLCK);
  Locks locks = Locks::kNone;
  if (fcntl(descriptor, F_OFD_SETLK, &lock) == 0) {
    if (Excludes(path)) locks = Locks::kHeld;
  } else if (errno == EAGAIN || errno == EACCES) {
    const std::string holder = LeaseHolder(job_dir);
    return absl::UnavailableError(absl::StrCat(
        path, " is held", holder.empty() ? "" : absl::StrCat(" by ", holder)));
  } else if (!HasNoLocks(errno)) {
    // Not by errno: some of its codes would read as "held".
    return absl::InternalError(
        absl::StrCat("cannot lock ", path, ": ", strerror(errno)));
  }
  absl::StatusOr<std::unique_ptr<Claim>> claim = Claim::TryTake(job_dir, locks);
  if (!claim.ok()) return claim.status();
  lease->claim_ = *std::move(claim);
  return lease;
}

absl::StatusOr<std::unique_ptr<Lease>> Lease::Take(
    absl::string_view job_dir, std::chrono::minutes longest) {
  const auto give_up = std::chrono::steady_clock::now() + longest;
  absl::StatusOr<std::unique_ptr<Lease>> lease = TryTake(job_dir);
  while (absl::IsUnavailable(lease.status())) {
    if (std::chrono::steady_clock::now() > give_up) {
      return absl::DeadlineExceededError(absl::StrCat(
          lease.status().message(), ", and has been for ", longest.count(),
          " minutes; look what that process does, or end it"));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    lease = TryTake(job_dir);
  }
  return lease;
}

Lease::~Lease() {
  // The claim first: who gets the lock must find it given back.
  claim_.reset();
  close(descriptor_);
}

bool IsLeaseHeld(absl::string_view job_dir) {
  const int descriptor = open(LeasePath(job_dir).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) {
    return false;
  }
  const absl::Cleanup closer = [descriptor] { close(descriptor); };
  struct flock lock = WholeFile(F_RDLCK);
  return (fcntl(descriptor, F_OFD_GETLK, &lock) == 0 &&
          lock.l_type != F_UNLCK) ||
         IsClaimed(job_dir);
}

bool HasLocks(const std::string& directory) {
  const std::string path = TemporaryPath(absl::StrCat(directory, "/locks"));
  const int descriptor =
      open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) return false;
  const absl::Cleanup closer = [&] {
    close(descriptor);
    unlink(path.c_str());
  };
  struct flock lock = WholeFile(F_WRLCK);
  return fcntl(descriptor, F_OFD_SETLK, &lock) == 0 && Excludes(path);
}

std::string LeaseHolder(absl::string_view job_dir) {
  return ClaimHolder(job_dir);
}

}  // namespace transect
