/// \file
/// The gradient of one training step over the logical shards of this rank.
///
/// input: a batch for each shard; output: the sum of their gradients in the
/// optimizer's flat buffer, and of their shares of the loss.
#ifndef TRANSECT_LAUNCH_TRAINING_STEP_GRADIENT_H_
#define TRANSECT_LAUNCH_TRAINING_STEP_GRADIENT_H_

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "data/batch/batch.h"
#include "launch/collective/tree_sum.h"
#include "launch/optimizer/adamw_optimizer.h"
#include "launch/rank/train_task.h"
#include "model/base/joint_tape.h"

namespace transect {

/// Shards are added by the tree of launch/collective/tree_sum.h, so that a rank
/// with several of them has the bits that as many ranks would have together.
///
/// They pass the network's stages (model/base/segmentation_model.h) one after
/// the other, and only one has activations at a time: several need the memory
/// of one, their features, and 2 + log2 of their number gradients, in FAST
/// one gradient.
class StepGradient {
 public:
  /// Everything outlives this object.
  StepGradient(const TrainTask& task, AdamWOptimizer* optimizer)
      : task_(task),
        optimizer_(optimizer),
        by_tree_(task.run->training().numerics() != TrainingSpec::FAST),
        divides_sum_(task.run->training().numerics() == TrainingSpec::PARITY) {}

  /// The optimizer's gradients are zero before (gradient_sum.h), or have none
  /// yet in stage 2 of ZeRO with one shard.
  ///
  /// \param shards this rank's, in order. \param step from 0.
  /// \param scale factor of the loss (launch/optimizer/loss_scale.h).
  /// \returns the sum of the shards' shares of the mean loss over the global
  ///   batch, not scaled, [] float64.
  ///
  /// Errors: a lost peer, MEMORY, INTERNAL for what the network throws.
  absl::StatusOr<at::Tensor> Compute(absl::Span<const Batch> shards,
                                     int64_t step, double scale);

 private:
  at::Tensor Run(absl::Span<const Batch> shards, int64_t step, double scale);
  // The features of all shards as the beginnings of graphs. With one shard the
  // graph that ends in them is kept in `graph`.
  std::vector<Features> Encode(absl::Span<const Batch> shards, int64_t step,
                               Features* graph);
  // Goes through the shards one by one and adds up their gradients.
  void ForEach(size_t shards, const std::function<void(size_t)>& body);

  const TrainTask& task_;
  AdamWOptimizer* const optimizer_;
  // Whether the shards of a rank are added up by the tree; else backward() adds
  // each to those before it.
  const bool by_tree_;
  // Whether the sum over ranks divides by their number, not the loss.
  const bool divides_sum_;
  RunningTreeSum gradients_;
  // Of the stages so far, with several shards.
  at::Tensor total_;
  // Whether each feature needs a gradient; empty before the first step.
  std::vector<bool> needs_gradient_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_STEP_GRADIENT_H_
