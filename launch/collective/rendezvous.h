/// \file
/// How ranks on one machine find rank 0: a listening socket on loopback and a
/// file with its port. No LibTorch.
#ifndef TRANSECT_LAUNCH_COLLECTIVE_RENDEZVOUS_H_
#define TRANSECT_LAUNCH_COLLECTIVE_RENDEZVOUS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace transect {

/// A socket that listens on 127.0.0.1; the caller owns the descriptor.
struct Listener {
  int descriptor = -1;
  uint16_t port = 0;
};

/// Opens a listening socket on a free port that the system picks.
absl::StatusOr<Listener> ListenOnLoopback();

/// Writes "127.0.0.1:PORT\n" to `path`, atomically.
absl::Status WriteRendezvous(const std::string& path, uint16_t port);

/// Waits until `path` exists and returns its port. A lost peer
/// (peer_lost.h) after `timeout`; DATA_LOSS for a file with anything else in
/// it.
absl::StatusOr<uint16_t> AwaitRendezvous(const std::string& path,
                                         absl::Duration timeout);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_COLLECTIVE_RENDEZVOUS_H_
