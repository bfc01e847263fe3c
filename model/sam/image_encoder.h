/// \file
/// SAM's image encoder: a vision transformer with window and global attention,
/// decomposed relative positions, and a convolutional neck.
///
/// Names and arithmetic follow `SamVisionEncoder` in modeling_sam.py of
/// Transformers. Maps are [B, H, W, C] throughout.
#ifndef TRANSECT_MODEL_SAM_IMAGE_ENCODER_H_
#define TRANSECT_MODEL_SAM_IMAGE_ENCODER_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <vector>

#include "model/layers/layer_norm.h"
#include "model/layers/mlp.h"
#include "model/lora/lora_layers.h"
#include "model/sam/sam.pb.h"

namespace transect {

/// Attention over one square grid of tokens. Submodules qkv, proj; parameters
/// rel_pos_h, rel_pos_w [2 * side - 1, D].
class SamVisionAttentionImpl : public torch::nn::Module {
 public:
  SamVisionAttentionImpl(int64_t channels, int64_t heads, int64_t side);

  /// [B, side * side, C] to the same.
  at::Tensor forward(const at::Tensor& x);

 private:
  const int64_t heads_, side_;
  Linear qkv_{nullptr}, proj_{nullptr};
  at::Tensor rel_pos_h_, rel_pos_w_;
  // Constants, not part of the state.
  at::Tensor relative_index_, one_hot_;
};
TORCH_MODULE(SamVisionAttention);

/// A block: attention within windows or over the whole grid, then an MLP.
class SamVisionLayerImpl : public torch::nn::Module {
 public:
  /// \param window side of a window, or 0 for global attention.
  SamVisionLayerImpl(const SamSpec& spec, int64_t window);

  /// [B, G, G, C] to the same.
  at::Tensor forward(const at::Tensor& x);

 private:
  const int64_t window_;
  LayerNorm layer_norm1_{nullptr}, layer_norm2_{nullptr};
  SamVisionAttention attn_{nullptr};
  Mlp mlp_{nullptr};
};
TORCH_MODULE(SamVisionLayer);

/// Cuts [B, G, G, C] into windows [B * n * n, w * w, C], where the grid is
/// filled up with zeros to n * w. The windows of an image are neighbors, in
/// row-major order.
at::Tensor CutWindows(const at::Tensor& x, int64_t window);
/// Inverse of `CutWindows` for a grid of side `grid`; drops what was filled up.
at::Tensor JoinWindows(const at::Tensor& windows, int64_t window, int64_t grid);

/// 1 x 1 convolution, norm, 3 x 3 convolution, norm; norms over channels.
class SamVisionNeckImpl : public torch::nn::Module {
 public:
  SamVisionNeckImpl(int64_t channels, int64_t out);

  /// [B, G, G, C] to [B, G, G, out].
  at::Tensor forward(const at::Tensor& x);

 private:
  Conv2d conv1_{nullptr}, conv2_{nullptr};
  LayerNorm layer_norm1_{nullptr}, layer_norm2_{nullptr};
};
TORCH_MODULE(SamVisionNeck);

/// Holds the patch convolution under its checkpoint name, `projection`.
class SamPatchEmbedImpl : public torch::nn::Module {
 public:
  explicit SamPatchEmbedImpl(const SamSpec& spec);

  /// [B, 3, S, S] to [B, G, G, C].
  at::Tensor forward(const at::Tensor& image);

 private:
  Conv2d projection_{nullptr};
};
TORCH_MODULE(SamPatchEmbed);

/// Image to embedding.
class SamImageEncoderImpl : public torch::nn::Module {
 public:
  explicit SamImageEncoderImpl(const SamSpec& spec);

  /// Activation checkpointing of the blocks
  /// (model/layers/activation_checkpointing.h); off by default.
  void set_checkpoint_activations(bool checkpoint_activations) {
    checkpoint_activations_ = checkpoint_activations;
  }

  /// \param image [B, 3, S, S], normalized with ImageNet's mean and deviation;
  ///   S = sam.image_size.
  /// \returns [B, G, G, prompt_channels].
  /// \throws c10::Error for another size.
  at::Tensor forward(const at::Tensor& image);

 private:
  const int64_t image_size_;
  bool checkpoint_activations_ = false;
  SamPatchEmbed patch_embed_{nullptr};
  at::Tensor pos_embed_;  // [1, G, G, C]
  std::vector<SamVisionLayer> layers_;
  SamVisionNeck neck_{nullptr};
};
TORCH_MODULE(SamImageEncoder);

}  // namespace transect

#endif  // TRANSECT_MODEL_SAM_IMAGE_ENCODER_H_
