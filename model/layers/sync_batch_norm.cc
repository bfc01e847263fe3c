#include "model/layers/sync_batch_norm.h"

#include <torch/torch.h>

namespace transect {
namespace {

constexpr double kEps = 1e-5;
constexpr double kMomentum = 0.1;

}  // namespace

SyncBatchNormImpl::SyncBatchNormImpl(int64_t channels, CrossRankSum* ranks)
    : ranks_(ranks) {
  weight_ = register_parameter("weight", torch::empty({channels}));
  bias_ = register_parameter("bias", torch::empty({channels}));
  running_mean_ = register_buffer("running_mean", torch::zeros({channels}));
  running_var_ = register_buffer("running_var", torch::ones({channels}));
  num_batches_tracked_ =
      register_buffer("num_batches_tracked", torch::zeros({}, torch::kLong));
}

at::Tensor SyncBatchNormImpl::forward(const at::Tensor& x) {
  if (!is_training()) {
    return at::batch_norm(x, weight_, bias_, running_mean_, running_var_,
                          /*training=*/false, kMomentum, kEps,
                          /*cudnn_enabled=*/false);
  }
  const int64_t rows = x.size(0) * (ranks_ == nullptr ? 1 : ranks_->ranks());
  TORCH_CHECK(rows > 1,
              "batch normalization in training needs more than 1 row, got ",
              x.sizes());
  num_batches_tracked_.add_(1);
  if (ranks_ == nullptr || ranks_->ranks() == 1) {
    return at::batch_norm(x, weight_, bias_, running_mean_, running_var_,
                          /*training=*/true, kMomentum, kEps,
                          /*cudnn_enabled=*/false);
  }
  return NormalizeOverRanks(x);
}

at::Tensor SyncBatchNormImpl::NormalizeOverRanks(const at::Tensor& x) {
  // Two sums instead of one of x and x^2: no cancellation where the mean is
  // large.
  const double rows = static_cast<double>(x.size(0) * ranks_->ranks());
  const at::Tensor mean = ranks_->Sum(x.sum(0)) / rows;
  const at::Tensor centered = x - mean;
  const at::Tensor variance = ranks_->Sum(centered.square().sum(0)) / rows;
  {
    const torch::NoGradGuard no_grad;
    running_mean_.lerp_(mean, kMomentum);
    running_var_.lerp_(variance * (rows / (rows - 1)), kMomentum);
  }
  return centered * (weight_ * (variance + kEps).rsqrt()) + bias_;
}

}  // namespace transect
