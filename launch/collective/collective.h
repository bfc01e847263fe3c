/// \file
/// The ranks of an attempt as one group: sums, gathers, broadcasts and barriers
/// that all of them take part in.
///
/// All ranks make the same calls in the same order, with tensors of the same
/// shapes and types. `what` says what a call is for, such as "sum of
/// gradients"; it is one of a few constants, since its first use costs a round
/// trip: every rank then tells the others what it is about to do, and they must
/// agree. Later calls are compared by `CheckSchedule`. Every error begins with
/// `what`. A call returns when this rank's part is done.
///
/// Errors. A rank that died or does not answer in time is a lost peer
/// (peer_lost.h), and the message names the ranks that were not heard of; ranks
/// that disagree about the call get INTERNAL on every rank, saying who wanted
/// what. After an error the group is unusable and every further call fails.
///
/// Not thread-safe; a thread of its own takes a group of its own (`NewGroup`).
#ifndef TRANSECT_LAUNCH_COLLECTIVE_COLLECTIVE_H_
#define TRANSECT_LAUNCH_COLLECTIVE_COLLECTIVE_H_

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// In which order a sum over ranks is added up.
enum class SumOrder {
  /// By the tree of launch/collective/tree_sum.h: every rank gets the same
  /// bits, and they do not depend on which algorithm or message size the
  /// library picks. A rank needs memory for one more value, whatever the number
  /// of ranks: it adds up one part of it and gets the other parts from the
  /// others.
  kTree,
  /// As gloo or NCCL adds.
  kLibrary
};

class Collective {
 public:
  virtual ~Collective() = default;

  /// This rank, 0 to ranks() - 1.
  virtual int rank() const = 0;
  /// Number of ranks, 1 or more.
  virtual int ranks() const = 0;

  /// Replaces `value` by the sum of the values of all ranks.
  virtual absl::Status AllReduceSum(absl::string_view what, at::Tensor value,
                                    SumOrder order) = 0;
  absl::Status AllReduceSum(absl::string_view what, at::Tensor value) {
    return AllReduceSum(what, std::move(value), SumOrder::kTree);
  }

  /// The same for this rank's part alone: `value`, contiguous [N] with N a
  /// multiple of the ranks, is cut into one part for each, and part rank() of
  /// it becomes that of the sum. The others keep what they are.
  virtual absl::Status ReduceScatterSum(absl::string_view what,
                                        at::Tensor value, SumOrder order) = 0;

  /// The other way round: `value`, cut in the same way, gets part r from rank
  /// r.
  virtual absl::Status AllGatherParts(absl::string_view what,
                                      at::Tensor value) = 0;

  /// The values of all ranks, in order of the rank.
  virtual absl::StatusOr<std::vector<at::Tensor>> AllGather(
      absl::string_view what, const at::Tensor& value) = 0;

  /// Replaces `value` by that of rank `root`.
  virtual absl::Status Broadcast(absl::string_view what, int root,
                                 at::Tensor value) = 0;

  /// Returns when all ranks have called it.
  virtual absl::Status Barrier(absl::string_view what) = 0;

  /// Compares a digest of all calls so far, which must be the same on all
  /// ranks; INTERNAL with the last calls of each rank where it is not.
  virtual absl::Status CheckSchedule(absl::string_view what) = 0;

  /// Another group of the same ranks, whose calls are independent of this
  /// one's. All ranks call it, with a `name` that no group had before. It must
  /// not outlive this one.
  virtual absl::StatusOr<std::unique_ptr<Collective>> NewGroup(
      const std::string& name) = 0;

  /// Leaves the group at once: calls of the other ranks that wait for this one
  /// fail as a lost peer, further calls of this one as FAILED_PRECONDITION.
  /// With one rank nothing happens.
  virtual void Abort() = 0;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_COLLECTIVE_COLLECTIVE_H_
