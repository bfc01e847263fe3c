/// \file
/// SigLIP's vision tower. RSRefSeg does not use its pooling head, which is
/// there only where the spec asks for it (S23).
#ifndef TRANSECT_MODEL_SIGLIP_VISION_ENCODER_H_
#define TRANSECT_MODEL_SIGLIP_VISION_ENCODER_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "model/base/table.h"
#include "model/layers/layer_norm.h"
#include "model/lora/lora_layers.h"
#include "model/siglip/encoder.h"
#include "model/siglip/siglip.pb.h"

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

/// The pooling head: tensors without a forward pass, for the sake of parameter
/// counts and of adapters that the released code makes and never uses.
class SiglipPoolingHeadImpl : public torch::nn::Module {
 public:
  explicit SiglipPoolingHeadImpl(const TowerSize& size);

 private:
  /// PyTorch's MultiheadAttention: q, k and v in one matrix.
  class AttentionImpl : public torch::nn::Module {
   public:
    explicit AttentionImpl(int64_t channels);
  };
  TORCH_MODULE(Attention);

  Attention attention_{nullptr};
};
TORCH_MODULE(SiglipPoolingHead);

/// Image to patch features.
class SiglipVisionEncoderImpl : public torch::nn::Module {
 public:
  explicit SiglipVisionEncoderImpl(const SiglipSpec& spec);

  /// \param image [B, 3, S, S], normalized with mean and deviation 0.5;
  ///   S = siglip.image_size.
  /// \returns [B, N, C] after post_layernorm, N = SiglipGrid squared,
  /// row-major. \throws c10::Error for another size.
  at::Tensor forward(const at::Tensor& image);

  /// See SiglipEncoder.
  void set_checkpoint_activations(bool checkpoint_activations) {
    encoder_->set_checkpoint_activations(checkpoint_activations);
  }

 private:
  const int64_t image_size_;
  SiglipVisionEmbeddings embeddings_{nullptr};
  SiglipEncoder encoder_{nullptr};
  LayerNorm post_layernorm_{nullptr};
};
TORCH_MODULE(SiglipVisionEncoder);

}  // namespace transect

#endif  // TRANSECT_MODEL_SIGLIP_VISION_ENCODER_H_
