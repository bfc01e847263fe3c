/// \file
/// What moves tensors between ranks: gloo between processors, NCCL between
/// GPUs. launch/collective/group.h makes a `Collective` of it.
///
/// All tensors are contiguous. A call returns when this rank's part is done.
/// Errors are the library's words; after one the transport is unusable.
#ifndef TRANSECT_LAUNCH_COLLECTIVE_TRANSPORT_H_
#define TRANSECT_LAUNCH_COLLECTIVE_TRANSPORT_H_

#include <ATen/core/Tensor.h>

#include "absl/status/status.h"

namespace transect {

class Transport {
 public:
  virtual ~Transport() = default;

  /// Part r of `sent` goes to rank r; part q of `received` comes from rank q.
  /// Both have as many equal parts as there are ranks.
  virtual absl::Status AllToAll(const at::Tensor& sent,
                                const at::Tensor& received) = 0;
  /// Part r of `all` becomes `mine` of rank r. They do not overlap.
  virtual absl::Status AllGather(const at::Tensor& mine,
                                 const at::Tensor& all) = 0;
  /// `value` becomes that of rank `root`.
  virtual absl::Status Broadcast(int root, const at::Tensor& value) = 0;
  /// `value` becomes the sum over ranks, in the library's order.
  virtual absl::Status AllReduce(const at::Tensor& value) = 0;
  /// `part` becomes this rank's part of that sum, and `value` may be changed.
  virtual absl::Status ReduceScatter(const at::Tensor& value,
                                     const at::Tensor& part) = 0;
  /// Closes the connections: calls of others that wait for this rank fail.
  virtual void Abort() = 0;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_COLLECTIVE_TRANSPORT_H_
