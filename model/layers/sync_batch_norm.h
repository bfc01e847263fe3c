/// \file
/// Batch normalization with statistics over all ranks.
#ifndef TRANSECT_MODEL_LAYERS_SYNC_BATCH_NORM_H_
#define TRANSECT_MODEL_LAYERS_SYNC_BATCH_NORM_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>

#include "model/base/segmentation_model.h"

namespace transect {

/// y = (x - mean) / sqrt(variance + 1e-5) * weight + bias per channel.
///
/// In training mode mean and variance (biased) are those of all rows of all
/// ranks, and the running ones move by 0.1 towards them (towards the unbiased
/// variance), as PyTorch's SyncBatchNorm does. In evaluation mode the running
/// ones are used.
///
/// Parameters weight, bias [C]; buffers running_mean, running_var [C],
/// num_batches_tracked [] int64.
class SyncBatchNormImpl : public torch::nn::Module {
 public:
  /// \param ranks null means one rank; must outlive the module.
  SyncBatchNormImpl(int64_t channels, CrossRankSum* ranks);

  /// \param x [N, C]; all ranks have the same N.
  /// \throws c10::Error in training mode if there is one row in all.
  at::Tensor forward(const at::Tensor& x);

 private:
  at::Tensor NormalizeOverRanks(const at::Tensor& x);

  CrossRankSum* const ranks_;
  at::Tensor weight_, bias_, running_mean_, running_var_, num_batches_tracked_;
};
TORCH_MODULE(SyncBatchNorm);

}  // namespace transect

#endif  // TRANSECT_MODEL_LAYERS_SYNC_BATCH_NORM_H_
