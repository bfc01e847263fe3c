/// \file
/// Ranks of one machine that each compute on a GPU of their own: tensors on
/// GPUs travel by NCCL, all others by the group that introduced the ranks.
///
/// NCCL moves bytes only (all-to-all, all-gather, broadcast); sums are added up
/// on the GPUs by the tree that `Collective` promises. A call waits until its
/// part is done, looks at NCCL's asynchronous errors meanwhile, and aborts the
/// communicator at the time-out, so that a rank that died is a lost peer here
/// too. libnccl.so.2, which LibTorch brings, is found when the program runs.
#ifndef TRANSECT_LAUNCH_COLLECTIVE_COLLECTIVE_NCCL_H_
#define TRANSECT_LAUNCH_COLLECTIVE_COLLECTIVE_NCCL_H_

#include <c10/core/Device.h>

#include <memory>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "launch/collective/collective.h"

namespace transect {

/// Forms the group over `host`, the ranks' group for tensors on the CPU, and
/// takes it over. All ranks call it, each with another GPU.
///
/// \param timeout longest wait for the group to form and for any one call.
/// \returns UNIMPLEMENTED without --config=cuda; FAILED_PRECONDITION where
///   libnccl.so.2 is missing or refuses the GPUs (two ranks on one), with its
///   words; a lost peer if a rank does not come in time.
absl::StatusOr<std::unique_ptr<Collective>> ConnectNccl(
    std::unique_ptr<Collective> host, c10::Device gpu, absl::Duration timeout);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_COLLECTIVE_COLLECTIVE_NCCL_H_
