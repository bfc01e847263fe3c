#include "model/sam/mask_decoder.h"

#include <torch/torch.h>

#include "model/base/cast.h"
#include "model/base/stages.h"
#include "model/sam/spec.h"

namespace transect {
namespace {

constexpr int64_t kMasks = 4;
// Place of the first mask token behind the IoU token.
constexpr int64_t kFirstMaskToken = 1;

}  // namespace

UpscaleImpl::UpscaleImpl(int64_t in, int64_t out) {
  weight_ = register_parameter("weight", torch::empty({in, out, 2, 2}));
  bias_ = register_parameter("bias", torch::empty({out}));
}

at::Tensor UpscaleImpl::forward(const at::Tensor& x) {
  const int64_t rows = x.size(1), columns = x.size(2), out = weight_.size(1);
  return at::matmul(x, InTypeOf(x, weight_).flatten(1))
             .view({x.size(0), rows, columns, out, 2, 2})
             .permute({0, 1, 4, 2, 5, 3})
             .reshape({x.size(0), 2 * rows, 2 * columns, out}) +
         InTypeOf(x, bias_);
}

SamFeedForwardImpl::SamFeedForwardImpl(int64_t in, int64_t inner, int64_t out,
                                       int64_t layers) {
  proj_in_ = register_module("proj_in", Linear(in, inner));
  const auto list = register_module("layers", torch::nn::ModuleList());
  for (int64_t i = 0; i + 2 < layers; ++i) {
    middle_.emplace_back(inner, inner);
    list->push_back(middle_.back());
  }
  proj_out_ = register_module("proj_out", Linear(inner, out));
}

at::Tensor SamFeedForwardImpl::forward(const at::Tensor& x) {
  at::Tensor y = at::relu(proj_in_->forward(x));
  for (Linear& layer : middle_) y = at::relu(layer->forward(y));
  return proj_out_->forward(y);
}

SamMaskDecoderImpl::SamMaskDecoderImpl(const SamSpec& spec) {
  const int64_t channels = spec.prompt_channels();
  iou_token_ = register_module("iou_token", Table(torch::empty({1, channels})));
  mask_tokens_ =
      register_module("mask_tokens", Table(torch::empty({kMasks, channels})));
  transformer_ = register_module("transformer", SamTwoWayTransformer(spec));
  upscale_conv1_ =
      register_module("upscale_conv1", Upscale(channels, channels / 4));
  upscale_conv2_ =
      register_module("upscale_conv2", Upscale(channels / 4, channels / 8));
  upscale_layer_norm_ =
      register_module("upscale_layer_norm", LayerNorm(channels / 4, 1e-6));
  const auto list =
      register_module("output_hypernetworks_mlps", torch::nn::ModuleList());
  const auto hypernetwork = [channels] {
    return SamFeedForward(channels, channels, channels / 8, /*layers=*/3);
  };
  hypernetwork_ = hypernetwork();
  list->push_back(hypernetwork_);
  for (int64_t i = 1; i < kMasks; ++i) list->push_back(hypernetwork());
  register_module("iou_prediction_head",
                  SamFeedForward(channels, IouHeadSize(spec), kMasks,
                                 spec.iou_head_layers()));
}

at::Tensor SamMaskDecoderImpl::forward(const at::Tensor& image,
                                       const at::Tensor& image_position,
                                       const at::Tensor& prompts) {
  const int64_t batch = image.size(0), grid = image.size(1);
  const int64_t channels = image.size(3);
  TORCH_CHECK(
      !prompts.defined() || (prompts.dim() == 3 && prompts.size(0) == batch &&
                             prompts.size(2) == channels),
      "sam.mask_decoder: prompts must be [", batch, ", P, ", channels,
      "], got ", prompts.sizes());
  at::Tensor tokens = at::cat({InTypeOf(image, iou_token_->weight),
                               InTypeOf(image, mask_tokens_->weight)})
                          .expand({batch, 1 + kMasks, channels});
  if (prompts.defined()) tokens = at::cat({tokens, prompts}, 1);

  const TokensAndImage decoded = transformer_->forward(
      {tokens, image.flatten(1, 2)}, image_position.flatten(0, 1));
  RecordStage("decoder_tokens", decoded.tokens);
  RecordStage("decoder_image", decoded.image);
  at::Tensor map = decoded.image.view({batch, grid, grid, channels});
  map = at::gelu(upscale_layer_norm_->forward(upscale_conv1_->forward(map)));
  map = at::gelu(upscale_conv2_->forward(map));

  // The mask is the product of every cell with a vector made from its token.
  const at::Tensor vector =
      hypernetwork_->forward(decoded.tokens.select(1, kFirstMaskToken));
  return at::bmm(map.flatten(1, 2), vector.unsqueeze(2))
      .view({batch, 1, 4 * grid, 4 * grid});
}

}  // namespace transect
