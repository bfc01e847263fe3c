/// \file
/// The transformer that both SigLIP towers share.
///
/// Names and arithmetic follow Hugging Face's `SiglipEncoder`: pre-norm blocks,
/// LayerNorm eps 1e-6, GELU by tanh, separate q, k, v and out projections.
#ifndef TRANSECT_MODEL_SIGLIP_ENCODER_H_
#define TRANSECT_MODEL_SIGLIP_ENCODER_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <vector>

#include "model/layers/layer_norm.h"
#include "model/layers/mlp.h"
#include "model/lora/lora_layers.h"
#include "model/siglip/siglip.pb.h"

namespace transect {

/// LayerNorm over the last axis with SigLIP's eps of 1e-6.
LayerNorm SiglipNorm(int64_t channels);

/// Multi-head self-attention; submodules q_proj, k_proj, v_proj, out_proj.
class SiglipAttentionImpl : public torch::nn::Module {
 public:
  SiglipAttentionImpl(int64_t channels, int64_t heads);

  /// \param x [B, N, C]. \param allowed see `Attention`; may be undefined.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& allowed);

 private:
  const int64_t heads_;
  Linear q_proj_{nullptr}, k_proj_{nullptr}, v_proj_{nullptr},
      out_proj_{nullptr};
};
TORCH_MODULE(SiglipAttention);

/// x + self_attn(layer_norm1(x)), then x + mlp(layer_norm2(x)).
class SiglipLayerImpl : public torch::nn::Module {
 public:
  explicit SiglipLayerImpl(const TowerSize& size);

  at::Tensor forward(const at::Tensor& x, const at::Tensor& allowed);

 private:
  LayerNorm layer_norm1_{nullptr}, layer_norm2_{nullptr};
  SiglipAttention self_attn_{nullptr};
  Mlp mlp_{nullptr};
};
TORCH_MODULE(SiglipLayer);

/// The stack of blocks, `layers.0`, `layers.1`, …
class SiglipEncoderImpl : public torch::nn::Module {
 public:
  explicit SiglipEncoderImpl(const TowerSize& size);

  /// Activation checkpointing of the blocks
  /// (model/layers/activation_checkpointing.h); off by default.
  void set_checkpoint_activations(bool checkpoint_activations) {
    checkpoint_activations_ = checkpoint_activations;
  }

  /// [B, N, C] to [B, N, C].
  at::Tensor forward(const at::Tensor& x, const at::Tensor& allowed = {});

 private:
  std::vector<SiglipLayer> layers_;
  bool checkpoint_activations_ = false;
};
TORCH_MODULE(SiglipEncoder);

}  // namespace transect

#endif  // TRANSECT_MODEL_SIGLIP_ENCODER_H_
