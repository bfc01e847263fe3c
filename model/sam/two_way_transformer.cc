#include "model/sam/two_way_transformer.h"

#include <torch/torch.h>

#include "model/layers/attention.h"

namespace transect {
namespace {

// Width inside the attentions between tokens and image, as a divisor.
constexpr int64_t kDownsampling = 2;
// Of the norms inside the layers, and of the one behind them, which SAM builds
// with PyTorch's default.
constexpr double kEps = 1e-6;
constexpr double kLastEps = 1e-5;

}  // namespace

SamAttentionImpl::SamAttentionImpl(int64_t channels, int64_t inner,
                                   int64_t heads)
    : heads_(heads) {
  q_proj_ = register_module("q_proj", Linear(channels, inner));
  k_proj_ = register_module("k_proj", Linear(channels, inner));
  v_proj_ = register_module("v_proj", Linear(channels, inner));
  out_proj_ = register_module("out_proj", Linear(inner, channels));
}

at::Tensor SamAttentionImpl::forward(const at::Tensor& q, const at::Tensor& k,
                                     const at::Tensor& v) {
  return out_proj_->forward(Attention(q_proj_->forward(q), k_proj_->forward(k),
                                      v_proj_->forward(v), heads_));
}

SamTwoWayLayerImpl::SamTwoWayLayerImpl(const SamSpec& spec, bool first)
    : first_(first) {
  const int64_t channels = spec.prompt_channels();
  const int64_t inner = channels / kDownsampling;
  const int64_t heads = spec.decoder_heads();
  self_attn_ =
      register_module("self_attn", SamAttention(channels, channels, heads));
  layer_norm1_ = register_module("layer_norm1", LayerNorm(channels, kEps));
  cross_attn_token_to_image_ = register_module(
      "cross_attn_token_to_image", SamAttention(channels, inner, heads));
  layer_norm2_ = register_module("layer_norm2", LayerNorm(channels, kEps));
  mlp_ = register_module("mlp",
                         Mlp(MlpImpl::Options{.width = channels,
                                              .inner = spec.decoder_mlp_size(),
                                              .activation = Activation::kRelu,
                                              .first = "lin1",
                                              .second = "lin2"}));
  layer_norm3_ = register_module("layer_norm3", LayerNorm(channels, kEps));
  layer_norm4_ = register_module("layer_norm4", LayerNorm(channels, kEps));
  cross_attn_image_to_token_ = register_module(
      "cross_attn_image_to_token", SamAttention(channels, inner, heads));
}

TokensAndImage SamTwoWayLayerImpl::forward(const TokensAndImage& in,
                                           const at::Tensor& token_position,
                                           const at::Tensor& image_position) {
  at::Tensor tokens = in.tokens;
  if (first_) {
    tokens = self_attn_->forward(tokens, tokens, tokens);
  } else {
    const at::Tensor placed = tokens + token_position;
    tokens = tokens + self_attn_->forward(placed, placed, tokens);
  }
  tokens = layer_norm1_->forward(tokens);

  const at::Tensor placed_image = in.image + image_position;
  tokens = tokens + cross_attn_token_to_image_->forward(tokens + token_position,
                                                        placed_image, in.image);
  tokens = layer_norm2_->forward(tokens);

  tokens = layer_norm3_->forward(tokens + mlp_->forward(tokens));

  const at::Tensor image =
      in.image + cross_attn_image_to_token_->forward(
                     placed_image, tokens + token_position, tokens);
  return {tokens, layer_norm4_->forward(image)};
}

SamTwoWayTransformerImpl::SamTwoWayTransformerImpl(const SamSpec& spec) {
  const int64_t channels = spec.prompt_channels();
  const auto list = register_module("layers", torch::nn::ModuleList());
  for (int i = 0; i < spec.decoder_layers(); ++i) {
    layers_.emplace_back(spec, /*first=*/i == 0);
    list->push_back(layers_.back());
  }
  final_attn_token_to_image_ = register_module(
      "final_attn_token_to_image",
      SamAttention(channels, channels / kDownsampling, spec.decoder_heads()));
  layer_norm_final_attn_ =
      register_module("layer_norm_final_attn", LayerNorm(channels, kLastEps));
}

TokensAndImage SamTwoWayTransformerImpl::forward(
    const TokensAndImage& in, const at::Tensor& image_position) {
  TokensAndImage state = in;
  for (SamTwoWayLayer& layer : layers_) {
    state = layer->forward(state, in.tokens, image_position);
  }
  const at::Tensor read = final_attn_token_to_image_->forward(
      state.tokens + in.tokens, state.image + image_position, state.image);
  return {layer_norm_final_attn_->forward(state.tokens + read), state.image};
}

}  // namespace transect
