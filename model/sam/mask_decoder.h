/// \file
/// SAM's mask decoder: image embedding and prompts in, one mask out.
#ifndef TRANSECT_MODEL_SAM_MASK_DECODER_H_
#define TRANSECT_MODEL_SAM_MASK_DECODER_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <vector>

#include "model/base/table.h"
#include "model/layers/layer_norm.h"
#include "model/lora/lora_layers.h"
#include "model/sam/sam.pb.h"
#include "model/sam/two_way_transformer.h"

namespace transect {

/// A transposed convolution with kernel 2 and stride 2, computed as a linear
/// layer and a rearrangement, which is deterministic on every device.
/// Parameters weight [in, out, 2, 2], bias [out].
class UpscaleImpl : public torch::nn::Module {
 public:
  UpscaleImpl(int64_t in, int64_t out);

  /// [B, H, W, in] to [B, 2 * H, 2 * W, out].
  at::Tensor forward(const at::Tensor& x);

 private:
  at::Tensor weight_, bias_;
};
TORCH_MODULE(Upscale);

/// Linear layers with ReLU between: proj_in, layers.0, ..., proj_out.
class SamFeedForwardImpl : public torch::nn::Module {
 public:
  /// \param layers at least 2.
  SamFeedForwardImpl(int64_t in, int64_t inner, int64_t out, int64_t layers);

  at::Tensor forward(const at::Tensor& x);

 private:
  Linear proj_in_{nullptr}, proj_out_{nullptr};
  std::vector<Linear> middle_;
};
TORCH_MODULE(SamFeedForward);

/// Decodes mask 0, the one of `multimask_output = false`.
///
/// The tokens of masks 1 to 3 take part in the attention, but their masks and
/// the scores of the IoU head are not computed, so the hypernetworks 1 to 3 and
/// the IoU head get no gradient. Departure: the released code computes them and
/// throws them away, so that its AdamW decays the hypernetworks 1 to 3; neither
/// changes mask 0.
class SamMaskDecoderImpl : public torch::nn::Module {
 public:
  explicit SamMaskDecoderImpl(const SamSpec& spec);

  /// \param image [B, G, G, C] embedding plus dense prompt.
  /// \param image_position [G, G, C].
  /// \param prompts [B, P, C], or undefined for none.
  /// \returns logits [B, 1, 4 * G, 4 * G].
  at::Tensor forward(const at::Tensor& image, const at::Tensor& image_position,
                     const at::Tensor& prompts);

 private:
  Table iou_token_{nullptr}, mask_tokens_{nullptr};
  SamTwoWayTransformer transformer_{nullptr};
  Upscale upscale_conv1_{nullptr}, upscale_conv2_{nullptr};
  LayerNorm upscale_layer_norm_{nullptr};
  SamFeedForward hypernetwork_{nullptr};  // of mask 0
};
TORCH_MODULE(SamMaskDecoder);

}  // namespace transect

#endif  // TRANSECT_MODEL_SAM_MASK_DECODER_H_
