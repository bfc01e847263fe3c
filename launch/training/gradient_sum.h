/// \file
/// The sum of gradients over the ranks of a step.
#ifndef TRANSECT_LAUNCH_TRAINING_GRADIENT_SUM_H_
#define TRANSECT_LAUNCH_TRAINING_GRADIENT_SUM_H_

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "launch/optimizer/adamw_optimizer.h"
#include "launch/rank/train_task.h"

namespace transect {

/// Sums the buckets of the optimizer's gradients (flat_layout.h) one by one:
/// every rank gets the whole sum, or, where the optimizer divides its state,
/// that of its parts. The order of the sum is that of `training.numerics`.
///
/// Where a rank has one logical shard, a bucket is summed by a thread of its
/// own as soon as the backward pass has filled it, over a group of its own; all
/// ranks sum the buckets in the order in which rank 0 filled them in the first
/// step. In stage 2 of ZeRO a gradient is then moved into its bucket when it is
/// there, and the bucket goes when it is summed. Where a rank has several
/// shards, their gradients are added up first.
class GradientSum {
 public:
  virtual ~GradientSum() = default;

  /// All ranks call it. Everything outlives the sum; the trained tensors of
  /// `optimizer` get hooks until it goes. Errors: a lost peer.
  static absl::StatusOr<std::unique_ptr<GradientSum>> Create(
      const TrainTask& task, AdamWOptimizer* optimizer);

  /// Before the first gradient of a step: all gradients are zero.
  virtual void Begin() = 0;

  /// After the last: `owned_gradients()` of the optimizer are the sums when
  /// this returns. Errors: a lost peer, INTERNAL where ranks disagree.
  virtual absl::Status Finish() = 0;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_GRADIENT_SUM_H_
