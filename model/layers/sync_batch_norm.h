/// \file
/// Batch normalization with statistics over all logical shards of a step.
#ifndef TRANSECT_MODEL_LAYERS_SYNC_BATCH_NORM_H_
#define TRANSECT_MODEL_LAYERS_SYNC_BATCH_NORM_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <vector>

#include "model/base/joint_tape.h"
#include "model/base/segmentation_model.h"

namespace transect {

/// y = (x - mean) / sqrt(variance + 1e-5) * weight + bias per channel.
///
/// In training mode mean and variance (biased) are those of all rows of all
/// shards, and the running ones move by 0.1 towards them (towards the unbiased
/// variance), as PyTorch's SyncBatchNorm does. In evaluation mode the running
/// ones are used.
///
/// Parameters weight, bias [C]; buffers running_mean, running_var [C],
/// num_batches_tracked [] int64.
class SyncBatchNormImpl : public torch::nn::Module {
 public:
  /// \param shards null means one shard; must outlive the module.
  SyncBatchNormImpl(int64_t channels, ShardSum* shards);

  /// \param x [N, C] of each shard of this rank; all shards have the same N.
  /// \param tape where several shards train the result begins a new graph and
  ///   the tape knows the way back; not used otherwise and may then be null.
  /// \throws c10::Error in training mode if there is one row in all, or several
  ///   shards and no tape.
  std::vector<at::Tensor> forward(const std::vector<at::Tensor>& x,
                                  JointTape* tape);

 private:
  std::vector<at::Tensor> NormalizeOverShards(const std::vector<at::Tensor>& x,
                                              JointTape* tape);

  ShardSum* const shards_;
  at::Tensor weight_, bias_, running_mean_, running_var_, num_batches_tracked_;
};
TORCH_MODULE(SyncBatchNorm);

}  // namespace transect

#endif  // TRANSECT_MODEL_LAYERS_SYNC_BATCH_NORM_H_
