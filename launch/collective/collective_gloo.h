/// \file
/// Ranks as processes of one machine that communicate over loopback: LibTorch's
/// ProcessGroupGloo, formed through its TCPStore.
///
/// It adds sums in a fixed order, time-outs on every call, one kind of error,
/// and a check before each call that all ranks make the same call (a small
/// all-gather, about 0.1 ms): ranks that disagree would otherwise deadlock or
/// add up different things.
///
/// Safety: store and ranks listen on 127.0.0.1 only. Neither has any
/// authentication, so every process that can connect to loopback ports of this
/// machine is trusted.
#ifndef TRANSECT_LAUNCH_COLLECTIVE_COLLECTIVE_GLOO_H_
#define TRANSECT_LAUNCH_COLLECTIVE_COLLECTIVE_GLOO_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "launch/collective/collective.h"

namespace transect {

struct GlooGroup {
  /// This rank, 0 to ranks - 1.
  int rank = 0;
  /// Number of ranks, 2 or more.
  int ranks = 2;
  /// File through which the ranks find each other. Rank 0 writes it
  /// ("127.0.0.1:PORT\n", atomically), the others wait for it. It must not
  /// exist before: a group has a directory of its own.
  std::string rendezvous_path;
  /// Longest wait for the group to form and for any one call.
  absl::Duration timeout = absl::Seconds(300);
};

/// Forms the group. Errors: a lost peer if a rank does not come in time;
/// INVALID_ARGUMENT for numbers out of range; those of the file.
absl::StatusOr<std::unique_ptr<Collective>> ConnectGloo(const GlooGroup& group);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_COLLECTIVE_COLLECTIVE_GLOO_H_
