/// \file
/// The right to work on a job directory: a lock on its LEASE file, and a claim
/// (claim.h) for file systems whose locks are missing or local to a machine.
///
/// The lock is an open-file-description lock (fcntl F_OFD_SETLK), so it belongs
/// to the open file and not to a process. The ranks of an attempt inherit the
/// descriptor: the lease becomes free only when the launcher and all its ranks
/// are gone, however they ended. SIGKILL leaves nothing to clean up: on the
/// same machine the lease is free at once, on another one when the claim's
/// heartbeat is LeaseSeconds() old.
///
/// Two never hold one lease, except where the locks do not reach both and one
/// of them gave no sign of life for LeaseSeconds(): it is then lost().
#ifndef TRANSECT_LAUNCH_STORE_LEASE_H_
#define TRANSECT_LAUNCH_STORE_LEASE_H_

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/store/claim.h"

namespace transect {

/// A lease that is held. The destructor gives up this process's share of it.
class Lease {
 public:
  /// Tries to take the lease of `job_dir`, which must exist; never waits for
  /// the holder. kUnavailable, and only then, if it is held; the message names
  /// the holder if that is known.
  static absl::StatusOr<std::unique_ptr<Lease>> TryTake(
      absl::string_view job_dir);

  /// The same, and waits while it is held. kDeadlineExceeded with the holder
  /// after `longest`.
  static absl::StatusOr<std::unique_ptr<Lease>> Take(
      absl::string_view job_dir, std::chrono::minutes longest);

  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  /// Descriptor for ranks to inherit; closed at exec unless the child clears
  /// FD_CLOEXEC.
  int descriptor() const { return descriptor_; }

  /// Whether another launcher took over: what is done here no longer counts.
  bool lost() const { return claim_->lost(); }

 private:
  explicit Lease(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
  std::unique_ptr<Claim> claim_;
};

/// Whether the lease of `job_dir` is held, as far as a reader can tell. Takes
/// nothing and writes nothing; false if there is no LEASE file.
bool IsLeaseHeld(absl::string_view job_dir);

/// Whether locks on files in `directory` keep other processes of this machine
/// out. Makes a temporary file there.
bool HasLocks(const std::string& directory);

/// Who holds or last held the lease, such as "node7, process 4711"; empty if
/// unknown.
std::string LeaseHolder(absl::string_view job_dir);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_LEASE_H_
