/// \file
/// How ranks find rank 0: a listening socket and a file that tells where it
/// listens. No LibTorch.
#ifndef TRANSECT_LAUNCH_COLLECTIVE_RENDEZVOUS_H_
#define TRANSECT_LAUNCH_COLLECTIVE_RENDEZVOUS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace transect {

/// A listening socket; the caller owns the descriptor.
struct Listener {
  int descriptor = -1;
  uint16_t port = 0;
};

/// Opens a listening socket on `address`, a numeric IPv4 address of this
/// machine, and a free port that the system picks. INVALID_ARGUMENT for what is
/// no such address.
absl::StatusOr<Listener> ListenOn(const std::string& address);

/// Where the ranks meet.
struct Rendezvous {
  /// Of rank 0.
  std::string address;
  uint16_t port = 0;
  /// What the names of all that ranks tell each other there begin with, 32
  /// hexadecimal digits: only who can read the file knows them.
  std::string nonce;
};

/// 128 random bits.
std::string NewNonce();

/// Writes "ADDRESS:PORT NONCE\n" to `path`, atomically.
absl::Status WriteRendezvous(const std::string& path,
                             const Rendezvous& rendezvous);

/// Waits until `path` exists and reads it. A lost peer (peer_lost.h) after
/// `timeout`; DATA_LOSS for a file with anything else in it.
absl::StatusOr<Rendezvous> AwaitRendezvous(const std::string& path,
                                           absl::Duration timeout);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_COLLECTIVE_RENDEZVOUS_H_
