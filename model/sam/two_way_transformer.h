/// \file
/// The transformer in SAM's mask decoder: tokens attend to the image and the
/// image attends to the tokens. Follows `SamTwoWayTransformer` in
/// modeling_sam.py of Transformers; Segment Anything (Kirillov et al., 2023),
/// appendix A.
#ifndef TRANSECT_MODEL_SAM_TWO_WAY_TRANSFORMER_H_
#define TRANSECT_MODEL_SAM_TWO_WAY_TRANSFORMER_H_

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

/// Attention with separate queries, keys and values, inside of which the width
/// may be smaller. Submodules q_proj, k_proj, v_proj, out_proj.
class SamAttentionImpl : public torch::nn::Module {
 public:
  /// \param inner width of q, k and v; heads must divide it.
  SamAttentionImpl(int64_t channels, int64_t inner, int64_t heads);

  /// \param q [B, Nq, C]. \param k, v [B, Nk, C]. \returns [B, Nq, C].
  at::Tensor forward(const at::Tensor& q, const at::Tensor& k,
                     const at::Tensor& v);

 private:
  const int64_t heads_;
  Linear q_proj_{nullptr}, k_proj_{nullptr}, v_proj_{nullptr},
      out_proj_{nullptr};
};
TORCH_MODULE(SamAttention);

/// Tokens and image embedding on their way through the decoder.
struct TokensAndImage {
  at::Tensor tokens;  ///< [B, P, C]
  at::Tensor image;   ///< [B, N, C]
};

/// Self-attention of tokens, tokens to image, MLP (ReLU), image to tokens; a
/// norm (eps 1e-6) after each.
class SamTwoWayLayerImpl : public torch::nn::Module {
 public:
  /// \param first the first layer replaces the tokens by their self-attention,
  ///   without positions and without residual.
  SamTwoWayLayerImpl(const SamSpec& spec, bool first);

  /// \param token_position the initial tokens. \param image_position [N, C].
  TokensAndImage forward(const TokensAndImage& in,
                         const at::Tensor& token_position,
                         const at::Tensor& image_position);

 private:
  const bool first_;
  SamAttention self_attn_{nullptr}, cross_attn_token_to_image_{nullptr},
      cross_attn_image_to_token_{nullptr};
  Mlp mlp_{nullptr};
  LayerNorm layer_norm1_{nullptr}, layer_norm2_{nullptr}, layer_norm3_{nullptr},
      layer_norm4_{nullptr};
};
TORCH_MODULE(SamTwoWayLayer);

/// decoder_layers such layers, then a last attention of the tokens to the
/// image. Its norm has PyTorch's default eps of 1e-5, unlike the others.
class SamTwoWayTransformerImpl : public torch::nn::Module {
 public:
  explicit SamTwoWayTransformerImpl(const SamSpec& spec);

  /// \param in tokens [B, P, C], which are their own positions, and the image
  ///   [B, N, C].
  /// \param image_position [N, C].
  TokensAndImage forward(const TokensAndImage& in,
                         const at::Tensor& image_position);

 private:
  std::vector<SamTwoWayLayer> layers_;
  SamAttention final_attn_token_to_image_{nullptr};
  LayerNorm layer_norm_final_attn_{nullptr};
};
TORCH_MODULE(SamTwoWayTransformer);

}  // namespace transect

#endif  // TRANSECT_MODEL_SAM_TWO_WAY_TRANSFORMER_H_
