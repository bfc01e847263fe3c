#include "model/layers/sync_batch_norm.h"

#include <torch/torch.h>

#include <memory>
#include <utility>

namespace transect {
namespace {

constexpr double kEps = 1e-5;
constexpr double kMomentum = 0.1;

void AddGradient(const at::Tensor& parameter, const at::Tensor& gradient) {
  if (!parameter.requires_grad()) return;
  if (parameter.grad().defined()) {
    parameter.grad().add_(gradient);
  } else {
    parameter.mutable_grad() = gradient;
  }
}

// With c = x - mean, i = 1 / sqrt(variance + eps), s = weight i and n rows in
// all, y = c s + bias, so
//   dvariance = -i^3 / 2 weight sum(dy c),  dc = dy s + 2 c dvariance / n,
//   dx = dc - sum(dc) / n.
class NormMeeting : public Meeting {
 public:
  NormMeeting(ShardSum* shards, double rows, at::Tensor weight, at::Tensor bias,
              std::vector<at::Tensor> centered, at::Tensor inverse)
      : shards_(shards),
        rows_(rows),
        weight_(std::move(weight)),
        bias_(std::move(bias)),
        centered_(std::move(centered)),
        inverse_(std::move(inverse)) {}

  void Meet(const std::vector<at::Tensor>& gradients) override {
    const torch::NoGradGuard no_grad;
    const at::Tensor scale = weight_ * inverse_;
    std::vector<at::Tensor> of_variance, of_mean;
    for (size_t i = 0; i < gradients.size(); ++i) {
      const at::Tensor of_scale = (gradients[i] * centered_[i]).sum(0);
      of_weight_.push_back(of_scale * inverse_);
      of_bias_.push_back(gradients[i].sum(0));
      of_variance.push_back(-0.5 * (of_scale * weight_) * inverse_.pow(3) /
                            rows_);
    }
    const at::Tensor variance =
        shards_->Sum("gradient of batch statistics", of_variance);
    for (size_t i = 0; i < gradients.size(); ++i) {
      of_input_.push_back(gradients[i] * scale + variance * (2 * centered_[i]));
      of_mean.push_back(-of_input_[i].sum(0) / rows_);
    }
    centered_.clear();
    of_mean_ = shards_->Sum("gradient of batch statistics", of_mean);
  }

  at::Tensor Backward(size_t shard) override {
    const torch::NoGradGuard no_grad;
    AddGradient(weight_, of_weight_[shard]);
    AddGradient(bias_, of_bias_[shard]);
    return of_input_[shard].add_(of_mean_);
  }

 private:
  ShardSum* const shards_;
  const double rows_;
  const at::Tensor weight_, bias_;
  std::vector<at::Tensor> centered_;
  const at::Tensor inverse_;
  std::vector<at::Tensor> of_input_, of_weight_, of_bias_;
  at::Tensor of_mean_;
};

}  // namespace

SyncBatchNormImpl::SyncBatchNormImpl(int64_t channels, ShardSum* shards)
    : shards_(shards) {
  weight_ = register_parameter("weight", torch::empty({channels}));
  bias_ = register_parameter("bias", torch::empty({channels}));
  running_mean_ = register_buffer("running_mean", torch::zeros({channels}));
  running_var_ = register_buffer("running_var", torch::ones({channels}));
  num_batches_tracked_ =
      register_buffer("num_batches_tracked", torch::zeros({}, torch::kLong));
}

std::vector<at::Tensor> SyncBatchNormImpl::forward(
    const std::vector<at::Tensor>& x, JointTape* tape) {
  if (!is_training()) {
    std::vector<at::Tensor> y;
    for (const at::Tensor& rows : x) {
      y.push_back(at::batch_norm(rows, weight_, bias_, running_mean_,
                                 running_var_, /*training=*/false, kMomentum,
                                 kEps, /*cudnn_enabled=*/false));
    }
    return y;
  }
  const int64_t shards = shards_ == nullptr ? 1 : shards_->shards();
  TORCH_CHECK(x[0].size(0) * shards > 1,
              "batch normalization in training needs more than 1 row, got ",
              x[0].sizes());
  num_batches_tracked_.add_(1);
  if (shards == 1) {
    return {at::batch_norm(x[0], weight_, bias_, running_mean_, running_var_,
                           /*training=*/true, kMomentum, kEps,
                           /*cudnn_enabled=*/false)};
  }
  return NormalizeOverShards(x, tape);
}

std::vector<at::Tensor> SyncBatchNormImpl::NormalizeOverShards(
    const std::vector<at::Tensor>& x, JointTape* tape) {
  TORCH_CHECK(tape != nullptr,
              "batch normalization over shards needs a tape for its gradient");
  const torch::NoGradGuard no_grad;
  // Two sums instead of one of x and x^2: no cancellation where the mean is
  // large.
  const double rows = static_cast<double>(x[0].size(0) * shards_->shards());
  std::vector<at::Tensor> sums, squares, centered, y;
  for (const at::Tensor& part : x) sums.push_back(part.sum(0));
  const at::Tensor mean = shards_->Sum("sum of batch statistics", sums) / rows;
  for (const at::Tensor& part : x) {
    centered.push_back(part - mean);
    squares.push_back(centered.back().square().sum(0));
  }
  const at::Tensor variance =
      shards_->Sum("sum of batch statistics", squares) / rows;
  running_mean_.lerp_(mean, kMomentum);
  running_var_.lerp_(variance * (rows / (rows - 1)), kMomentum);
  const at::Tensor inverse = (variance + kEps).rsqrt();
  for (const at::Tensor& part : centered) {
    y.push_back(part * (weight_ * inverse) + bias_);
  }
  const at::AutoGradMode with_grad(true);
  return tape->Record(
      x, std::move(y),
      std::make_unique<NormMeeting>(shards_, rows, weight_, bias_,
                                    std::move(centered), inverse));
}

}  // namespace transect
