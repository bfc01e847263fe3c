/// \file
/// Claims: a lease for file systems whose locks are missing, or exclude only
/// the processes of one machine (NFS with local_lock, Lustre with localflock).
///
/// A claim is a file LEASE.N beside the lock. Its holder touches it every few
/// seconds (the heartbeat) and empties it at the end. Who wants the lease makes
/// the file of the next number, which only one can, writes itself into it, and
/// then looks again: it has the lease if there is no higher number and no lower
/// one is in force. So two never have it at once, whatever stops in between.
///
/// A claim is void when it is empty, when its process is gone, where that can
/// be seen, or else when its heartbeat is older than the holder promised.
#ifndef TRANSECT_LAUNCH_STORE_CLAIM_H_
#define TRANSECT_LAUNCH_STORE_CLAIM_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// Seconds without a heartbeat after which others take over, unless
/// SetLeaseSeconds says otherwise.
inline constexpr int kLeaseSeconds = 60;
inline constexpr int kMaxLeaseSeconds = 3600;

/// Sets this, 1 to kMaxLeaseSeconds, for what this process takes from now on:
/// `lease_seconds` of the site file. There are six heartbeats in that time.
void SetLeaseSeconds(int seconds);

/// What is set.
int LeaseSeconds();

/// What is known about the locks of the file system.
enum class Locks {
  /// A process of this machine that held a claim would hold the lock, and this
  /// process holds it.
  kHeld,
  /// There are none, or they exclude nobody.
  kNone,
};

/// A claim that is held. The destructor empties it.
class Claim {
 public:
  /// Tries to take the claim on `job_dir`; never waits for others. kUnavailable
  /// if another one is in force.
  static absl::StatusOr<std::unique_ptr<Claim>> TryTake(
      absl::string_view job_dir, Locks locks);

  ~Claim();
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

  /// Whether another process took over, since this one gave no sign of life.
  /// As of the last heartbeat.
  bool lost() const { return lost_; }

  /// The heartbeat: says that the holder lives, and looks whether the claim is
  /// still his.
  void Touch();

 private:
  Claim(std::string directory, int64_t number, int descriptor)
      : directory_(std::move(directory)),
        number_(number),
        descriptor_(descriptor) {}

  bool IsNewest() const;

  std::string directory_;
  int64_t number_;
  int descriptor_;
  std::atomic<bool> lost_ = false;
};

/// Whether a claim on `job_dir` is in force, as far as a reader can tell: the
/// heartbeat is compared with this machine's clock.
bool IsClaimed(absl::string_view job_dir);

/// Who made the newest claim, such as "node7, process 4711"; empty if unknown
/// or given back.
std::string ClaimHolder(absl::string_view job_dir);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_CLAIM_H_
