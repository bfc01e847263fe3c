/// \file
/// SigLIP's vision tower without its pooling head, which RSRefSeg does not use.
#ifndef TRANSECT_MODEL_SIGLIP_VISION_ENCODER_H_
#define TRANSECT_MODEL_SIGLIP_VISION_ENCODER_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/pimpl.h>

#include "model/layers/table.h"
#include "model/lora/adaptable.h"
#include "model/model.pb.h"
#include "model/siglip/encoder.h"

namespace transect {

/// Patch and position embedding; no class token.
class SiglipVisionEmbeddingsImpl : public torch::nn::Module {
 public:
  explicit SiglipVisionEmbeddingsImpl(const SiglipSpec& spec);

  /// [B, 3, S, S] to [B, N, C].
  at::Tensor forward(const at::Tensor& image);

 private:
  Conv2d patch_embedding_{nullptr};
  Table position_embedding_{nullptr};
};
TORCH_MODULE(SiglipVisionEmbeddings);

/// Image to patch features.
class SiglipVisionEncoderImpl : public torch::nn::Module {
 public:
  explicit SiglipVisionEncoderImpl(const SiglipSpec& spec);

  /// \param image [B, 3, S, S], normalised with mean and deviation 0.5;
  ///   S = siglip.image_size.
  /// \returns [B, N, C] after post_layernorm, N = SiglipGrid squared,
  /// row-major. \throws c10::Error for another size.
  at::Tensor forward(const at::Tensor& image);

 private:
  const int64_t image_size_;
  SiglipVisionEmbeddings embeddings_{nullptr};
  SiglipEncoder encoder_{nullptr};
  torch::nn::LayerNorm post_layernorm_{nullptr};
};
TORCH_MODULE(SiglipVisionEncoder);

}  // namespace transect

#endif  // TRANSECT_MODEL_SIGLIP_VISION_ENCODER_H_
