#include "model/sam/image_encoder.h"

#include <torch/torch.h>

#include "absl/strings/str_cat.h"
#include "model/base/cast.h"
#include "model/base/stages.h"
#include "model/layers/activation_checkpointing.h"
#include "model/layers/attention.h"
#include "model/sam/spec.h"

namespace transect {
namespace {

LayerNorm Norm(int64_t channels) { return LayerNorm(channels, 1e-6); }

}  // namespace

SamVisionAttentionImpl::SamVisionAttentionImpl(int64_t channels, int64_t heads,
                                               int64_t side)
    : heads_(heads), side_(side) {
  qkv_ = register_module("qkv", Linear(channels, 3 * channels));
  proj_ = register_module("proj", Linear(channels, channels));
  const int64_t rows = 2 * side - 1, width = channels / heads;
  rel_pos_h_ = register_parameter("rel_pos_h", torch::empty({rows, width}));
  rel_pos_w_ = register_parameter("rel_pos_w", torch::empty({rows, width}));
  relative_index_ = RelativeIndex(side);
  one_hot_ = GridOneHot(side, side);
}

at::Tensor SamVisionAttentionImpl::forward(const at::Tensor& x) {
  const at::Tensor qkv = qkv_->forward(x);
  const auto rows_of = [this, &qkv](const at::Tensor& table) {
    const at::Tensor& index =
        ConstantFor(table, relative_index_, /*keep_type=*/true);
    return InTypeOf(qkv, table).index_select(0, index).view({side_, side_, -1});
  };
  return proj_->forward(RelativeAttention(qkv, heads_, rows_of(rel_pos_h_),
                                          rows_of(rel_pos_w_),
                                          ConstantFor(qkv, one_hot_)));
}

SamVisionLayerImpl::SamVisionLayerImpl(const SamSpec& spec, int64_t window)
    : window_(window) {
  const int64_t channels = spec.vision().hidden_size();
  layer_norm1_ = register_module("layer_norm1", Norm(channels));
  attn_ = register_module(
      "attn", SamVisionAttention(channels, spec.vision().heads(),
                                 window == 0 ? SamGrid(spec) : window));
  layer_norm2_ = register_module("layer_norm2", Norm(channels));
  mlp_ = register_module("mlp",
                         Mlp(MlpImpl::Options{.width = channels,
                                              .inner = spec.vision().mlp_size(),
                                              .activation = Activation::kGelu,
                                              .first = "lin1",
                                              .second = "lin2"}));
}

at::Tensor SamVisionLayerImpl::forward(const at::Tensor& x) {
  const int64_t grid = x.size(1);
  at::Tensor mixed = layer_norm1_->forward(x);
  // Windows are filled up after the norm, and what fills them is attended.
  if (window_ == 0) {
    mixed = attn_->forward(mixed.flatten(1, 2)).view(x.sizes());
  } else {
    mixed =
        JoinWindows(attn_->forward(CutWindows(mixed, window_)), window_, grid);
  }
  const at::Tensor attended = x + mixed;
  return attended + mlp_->forward(layer_norm2_->forward(attended));
}

at::Tensor CutWindows(const at::Tensor& x, int64_t window) {
  const int64_t grid = x.size(1), channels = x.size(3);
  const int64_t count = (grid + window - 1) / window;
  const int64_t fill = count * window - grid;
  const at::Tensor padded =
      fill == 0 ? x : at::constant_pad_nd(x, {0, 0, 0, fill, 0, fill});
  return padded.view({x.size(0), count, window, count, window, channels})
      .permute({0, 1, 3, 2, 4, 5})
      .reshape({-1, window * window, channels});
}

at::Tensor JoinWindows(const at::Tensor& windows, int64_t window,
                       int64_t grid) {
  const int64_t count = (grid + window - 1) / window;
  const int64_t channels = windows.size(2);
  return windows.view({-1, count, count, window, window, channels})
      .permute({0, 1, 3, 2, 4, 5})
      .reshape({-1, count * window, count * window, channels})
      .slice(1, 0, grid)
      .slice(2, 0, grid);
}

SamVisionNeckImpl::SamVisionNeckImpl(int64_t channels, int64_t out) {
  conv1_ = register_module(
      "conv1", Conv2d(Conv2dImpl::Options{
                   .in = channels, .out = out, .kernel = 1, .bias = false}));
  layer_norm1_ = register_module("layer_norm1", Norm(out));
  conv2_ = register_module(
      "conv2",
      Conv2d(Conv2dImpl::Options{
          .in = out, .out = out, .kernel = 3, .padding = 1, .bias = false}));
  layer_norm2_ = register_module("layer_norm2", Norm(out));
}

at::Tensor SamVisionNeckImpl::forward(const at::Tensor& x) {
  at::Tensor map = conv1_->forward(x.permute({0, 3, 1, 2}));
  map = layer_norm1_->forward(map.permute({0, 2, 3, 1}));
  map = conv2_->forward(map.permute({0, 3, 1, 2}));
  return layer_norm2_->forward(map.permute({0, 2, 3, 1}));
}

SamPatchEmbedImpl::SamPatchEmbedImpl(const SamSpec& spec) {
  projection_ = register_module(
      "projection",
      Conv2d(Conv2dImpl::Options{.in = 3,
                                 .out = spec.vision().hidden_size(),
                                 .kernel = spec.patch_size(),
                                 .stride = spec.patch_size()}));
}

at::Tensor SamPatchEmbedImpl::forward(const at::Tensor& image) {
  return projection_->forward(image).permute({0, 2, 3, 1});
}

SamImageEncoderImpl::SamImageEncoderImpl(const SamSpec& spec)
    : image_size_(spec.image_size()) {
  const int64_t channels = spec.vision().hidden_size(), grid = SamGrid(spec);
  patch_embed_ = register_module("patch_embed", SamPatchEmbed(spec));
  pos_embed_ =
      register_parameter("pos_embed", torch::empty({1, grid, grid, channels}));
  const auto list = register_module("layers", torch::nn::ModuleList());
  for (int i = 0; i < spec.vision().layers(); ++i) {
    layers_.emplace_back(spec, IsGlobalLayer(spec, i) ? 0 : spec.window_size());
    list->push_back(layers_.back());
  }
  neck_ =
      register_module("neck", SamVisionNeck(channels, spec.prompt_channels()));
}

at::Tensor SamImageEncoderImpl::forward(const at::Tensor& image) {
  TORCH_CHECK(image.dim() == 4 && image.size(1) == 3 &&
                  image.size(2) == image_size_ && image.size(3) == image_size_,
              "sam.vision_encoder: image must be [B, 3, ", image_size_, ", ",
              image_size_, "], got ", image.sizes());
  at::Tensor map = patch_embed_->forward(image);
  map = map + InTypeOf(map, pos_embed_);
  for (size_t i = 0; i < layers_.size(); ++i) {
    SamVisionLayer& layer = layers_[i];
    map = checkpoint_activations_
              ? CheckpointActivations(*layer, map,
                                      [layer](const at::Tensor& x) mutable {
                                        return layer->forward(x);
                                      })
              : layer->forward(map);
    RecordStage(absl::StrCat("image_layer.", i), map);
  }
  map = neck_->forward(map);
  RecordStage("image_embedding", map);
  return map;
}

}  // namespace transect
