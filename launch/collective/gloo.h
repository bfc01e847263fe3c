/// \file
/// Ranks as processes that communicate over one network interface: LibTorch's
/// ProcessGroupGloo, formed through its TCPStore, and NCCL between GPUs.
///
/// Safety: store and ranks listen on the given address only. Neither has any
/// authentication, so every process that can connect to it is trusted with the
/// run; bytes that are no message of theirs are dropped.
#ifndef TRANSECT_LAUNCH_COLLECTIVE_GLOO_H_
#define TRANSECT_LAUNCH_COLLECTIVE_GLOO_H_

#include <c10/core/Device.h>

#include <memory>
#include <optional>
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
  /// (rendezvous.h), the others wait for it. It must not exist before: a group
  /// has a directory of its own, on a file system that all ranks see.
  std::string rendezvous_path;
  /// Longest wait for the group to form and for any one call.
  absl::Duration timeout = absl::Seconds(300);
  /// Numeric address of the interface of this rank's node. 127.0.0.1 where all
  /// ranks are on one machine.
  std::string address = "127.0.0.1";
  /// Where the rank computes, if not on processors; each has another one.
  std::optional<c10::Device> gpu = std::nullopt;
};

/// Forms the group. Errors: a lost peer if a rank does not come in time;
/// INVALID_ARGUMENT for numbers out of range and for an address that this
/// machine does not have; those of the file; those of NCCL (nccl.h).
absl::StatusOr<std::unique_ptr<Collective>> ConnectGloo(const GlooGroup& group);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_COLLECTIVE_GLOO_H_
