/// \file
/// Communication between the ranks of an attempt.
///
/// input: a tensor of this rank; output: a tensor that depends on all ranks.
/// The trainer, the evaluator and the batch statistics of the networks use this
/// interface; implementations are collective_single.h (one rank),
/// collective_gloo.h (processes on CPUs) and collective_nccl.h (processes with
/// a GPU each). Tensors may lie on the CPU or, with the first and the last of
/// them, on the rank's GPU.
///
/// Rules. All ranks make the same calls in the same order, with tensors of the
/// same type and shape. `what` says in a few words what the call is for; every
/// error begins with it. A call returns when this rank's part is done.
///
/// Errors. A rank that died or does not answer in time is a lost peer
/// (peer_lost.h); ranks that disagree about the call get INTERNAL on every
/// rank, saying who wanted what. After an error the group is unusable and every
/// further call fails.
///
/// Not thread-safe.
#ifndef TRANSECT_LAUNCH_COLLECTIVE_COLLECTIVE_H_
#define TRANSECT_LAUNCH_COLLECTIVE_COLLECTIVE_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

class Collective {
 public:
  virtual ~Collective() = default;

  /// This rank, 0 to ranks() - 1.
  virtual int rank() const = 0;
  /// Number of ranks, 1 or more.
  virtual int ranks() const = 0;

  /// Replaces `value` by the sum of the values of all ranks, added by the tree
  /// of launch/collective/tree_sum.h: every rank gets the same bits, and they
  /// do not depend on which algorithm or message size the library picks. A rank
  /// needs memory for one more `value`, whatever the number of ranks: it adds
  /// up one part of it and gets the other parts from the others.
  virtual absl::Status AllReduceSum(absl::string_view what,
                                    at::Tensor value) = 0;

  /// The values of all ranks, in order of the rank.
  virtual absl::StatusOr<std::vector<at::Tensor>> AllGather(
      absl::string_view what, const at::Tensor& value) = 0;

  /// Replaces `value` by that of rank `root`.
  virtual absl::Status Broadcast(absl::string_view what, int root,
                                 at::Tensor value) = 0;

  /// Returns when all ranks have called it.
  virtual absl::Status Barrier(absl::string_view what) = 0;

  /// Leaves the group at once: calls of the other ranks that wait for this one
  /// fail as a lost peer, further calls of this one as FAILED_PRECONDITION.
  /// With one rank nothing happens.
  virtual void Abort() = 0;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_COLLECTIVE_COLLECTIVE_H_
