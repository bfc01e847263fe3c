#include "model/sam/prompt_encoder.h"

#include <torch/torch.h>

#include <numbers>

namespace transect {
namespace {

LayerNorm Norm(int64_t channels) { return LayerNorm(channels, 1e-6); }

}  // namespace

SamPositionalEmbeddingImpl::SamPositionalEmbeddingImpl(int64_t channels) {
  positional_embedding_ =
      register_buffer("positional_embedding", torch::zeros({2, channels / 2}));
}

at::Tensor SamPositionalEmbeddingImpl::Grid(int64_t side) {
  const torch::NoGradGuard no_grad;
  const at::Tensor centers =
      (at::arange(side, positional_embedding_.options()) + 0.5) /
      static_cast<double>(side);
  const at::Tensor x = centers.unsqueeze(0).expand({side, side});
  const at::Tensor y = centers.unsqueeze(1).expand({side, side});
  return Points(at::stack({x, y}, -1));
}

at::Tensor SamPositionalEmbeddingImpl::Points(const at::Tensor& points) {
  const torch::NoGradGuard no_grad;
  const at::Tensor angles =
      at::matmul(points.to(positional_embedding_.options()) * 2 - 1,
                 positional_embedding_) *
      (2 * std::numbers::pi);
  return at::cat({angles.sin(), angles.cos()}, -1);
}

SamMaskEmbeddingImpl::SamMaskEmbeddingImpl(const SamSpec& spec) {
  const int64_t wide = spec.mask_input_channels(), narrow = wide / 4;
  const auto halving = [](int64_t in, int64_t out) {
    return Conv2d(
        Conv2dImpl::Options{.in = in, .out = out, .kernel = 2, .stride = 2});
  };
  conv1_ = register_module("conv1", halving(1, narrow));
  conv2_ = register_module("conv2", halving(narrow, wide));
  conv3_ = register_module(
      "conv3", Conv2d(Conv2dImpl::Options{
                   .in = wide, .out = spec.prompt_channels(), .kernel = 1}));
  layer_norm1_ = register_module("layer_norm1", Norm(narrow));
  layer_norm2_ = register_module("layer_norm2", Norm(wide));
}

at::Tensor SamMaskEmbeddingImpl::forward(const at::Tensor& mask) {
  const auto normalized = [](const at::Tensor& map, LayerNorm& norm) {
    return at::gelu(norm->forward(map.permute({0, 2, 3, 1})))
        .permute({0, 3, 1, 2});
  };
  at::Tensor map = normalized(conv1_->forward(mask), layer_norm1_);
  map = normalized(conv2_->forward(map), layer_norm2_);
  return conv3_->forward(map).permute({0, 2, 3, 1});
}

SamPromptEncoderImpl::SamPromptEncoderImpl(const SamSpec& spec) {
  const int64_t channels = spec.prompt_channels();
  const auto row = [channels] { return Table(torch::empty({1, channels})); };
  mask_embed_ = register_module("mask_embed", SamMaskEmbedding(spec));
  no_mask_embed_ = register_module("no_mask_embed", row());
  const auto points = register_module("point_embed", torch::nn::ModuleList());
  for (int i = 0; i < 2; ++i) points->push_back(row());
  upper_left_ = row();
  points->push_back(upper_left_);
  lower_right_ = row();
  points->push_back(lower_right_);
  register_module("not_a_point_embed", row());
}

at::Tensor SamPromptEncoderImpl::EncodeMask(const at::Tensor& mask) {
  return mask_embed_->forward(mask);
}

at::Tensor SamPromptEncoderImpl::EncodeBoxes(
    const at::Tensor& boxes, SamPositionalEmbeddingImpl& positions) {
  return positions.Points(boxes.view({-1, 2, 2})) +
         at::cat({upper_left_->weight, lower_right_->weight});
}

at::Tensor SamPromptEncoderImpl::NoMask() {
  return no_mask_embed_->weight.view({1, 1, 1, -1});
}

}  // namespace transect
