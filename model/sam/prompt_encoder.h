/// \file
/// SAM's prompt encoder: masks, boxes and the positional embedding.
///
/// Points are not encoded here, because no network has any; their embeddings
/// are held for the sake of the checkpoint.
#ifndef TRANSECT_MODEL_SAM_PROMPT_ENCODER_H_
#define TRANSECT_MODEL_SAM_PROMPT_ENCODER_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>

#include "model/base/table.h"
#include "model/layers/layer_norm.h"
#include "model/lora/lora_layers.h"
#include "model/sam/sam.pb.h"

namespace transect {

/// The Gaussian matrix behind all positions in SAM: buffer
/// positional_embedding [2, C / 2], never trained.
class SamPositionalEmbeddingImpl : public torch::nn::Module {
 public:
  explicit SamPositionalEmbeddingImpl(int64_t channels);

  /// Embedding of the cell centers of a square grid: [side, side, C], the sines
  /// before the cosines. Without gradient.
  at::Tensor Grid(int64_t side);

  /// Embedding of points: [..., 2], x and y as fractions of the image, to
  /// [..., C]. Without gradient.
  at::Tensor Points(const at::Tensor& points);

 private:
  at::Tensor positional_embedding_;
};
TORCH_MODULE(SamPositionalEmbedding);

/// Mask logits to an embedding of SAM's grid: two 2 x 2 convolutions with
/// stride 2 and a 1 x 1 convolution, with norms over channels (eps 1e-6) and
/// GELU.
class SamMaskEmbeddingImpl : public torch::nn::Module {
 public:
  explicit SamMaskEmbeddingImpl(const SamSpec& spec);

  /// [B, 1, 4 * G, 4 * G] to [B, G, G, C].
  at::Tensor forward(const at::Tensor& mask);

 private:
  Conv2d conv1_{nullptr}, conv2_{nullptr}, conv3_{nullptr};
  LayerNorm layer_norm1_{nullptr}, layer_norm2_{nullptr};
};
TORCH_MODULE(SamMaskEmbedding);

/// The dense prompt, from a mask or without one, and the prompt tokens of a
/// box.
class SamPromptEncoderImpl : public torch::nn::Module {
 public:
  explicit SamPromptEncoderImpl(const SamSpec& spec);

  /// \param mask [B, 1, 4 * G, 4 * G] logits. \returns [B, G, G, C].
  at::Tensor EncodeMask(const at::Tensor& mask);

  /// Two tokens per box, for its upper left and its lower right corner: the
  /// position plus point_embed.2 or .3.
  ///
  /// \param boxes [B, 4]: left, top, right, bottom as fractions of the image.
  ///   SAM adds half a pixel to pixel numbers first.
  /// \param positions the network's positional embedding.
  /// \returns [B, 2, C].
  at::Tensor EncodeBoxes(const at::Tensor& boxes,
                         SamPositionalEmbeddingImpl& positions);

  /// What stands for "no mask" in every cell: [1, 1, 1, C].
  at::Tensor NoMask();

 private:
  SamMaskEmbedding mask_embed_{nullptr};
  Table no_mask_embed_{nullptr};
  // Of a box.
  Table upper_left_{nullptr}, lower_right_{nullptr};
};
TORCH_MODULE(SamPromptEncoder);

}  // namespace transect

#endif  // TRANSECT_MODEL_SAM_PROMPT_ENCODER_H_
