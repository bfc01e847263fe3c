/// \file
/// NCCL as a transport: ranks that each compute on a GPU of their own.
///
/// A call waits until its part is done, looks at NCCL's asynchronous errors
/// meanwhile, and fails at the time-out, so that a rank that died is a lost
/// peer here too. libnccl.so.2, which LibTorch brings, is found when the
/// program runs.
#ifndef TRANSECT_LAUNCH_COLLECTIVE_NCCL_H_
#define TRANSECT_LAUNCH_COLLECTIVE_NCCL_H_

#include <c10/core/Device.h>

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "launch/collective/transport.h"

namespace transect {

/// Forms the group. All ranks call it, each with another GPU.
///
/// \param host introduces the ranks; used in this call only. Null for one rank.
/// \param timeout longest wait for the group to form and for any one call.
/// \returns UNIMPLEMENTED without --config=cuda; FAILED_PRECONDITION where
///   libnccl.so.2 is missing or refuses the GPUs (two ranks on one), with its
///   words; UNAVAILABLE if a rank does not come in time.
absl::StatusOr<std::unique_ptr<Transport>> MakeNcclTransport(
    int rank, int ranks, Transport* host, c10::Device gpu,
    absl::Duration timeout);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_COLLECTIVE_NCCL_H_
