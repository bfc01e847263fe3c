/// \file
/// The error of a rank whose peer died or stalled.
///
/// It is an expected outcome with an exit code of its own, so a payload tells
/// it apart from every other UNAVAILABLE. No LibTorch.
#ifndef TRANSECT_LAUNCH_COLLECTIVE_PEER_LOST_H_
#define TRANSECT_LAUNCH_COLLECTIVE_PEER_LOST_H_

#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/string_view.h"

namespace transect {

inline constexpr absl::string_view kPeerLostPayload = "transect/peer_lost";

/// UNAVAILABLE with the mark.
inline absl::Status PeerLostError(absl::string_view message) {
  absl::Status status = absl::UnavailableError(message);
  status.SetPayload(kPeerLostPayload, absl::Cord());
  return status;
}

/// Whether `status` carries the mark.
inline bool IsPeerLost(const absl::Status& status) {
  return status.GetPayload(kPeerLostPayload).has_value();
}

}  // namespace transect

#endif  // TRANSECT_LAUNCH_COLLECTIVE_PEER_LOST_H_
