/// \file
/// Both SigLIP towers and the scale of their similarity, under the names of
/// Hugging Face's `SiglipModel`.
#ifndef TRANSECT_MODEL_SIGLIP_SIGLIP_H_
#define TRANSECT_MODEL_SIGLIP_SIGLIP_H_

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "model/siglip/siglip.pb.h"
#include "model/siglip/text_encoder.h"
#include "model/siglip/vision_encoder.h"

namespace transect {

/// A container: its user runs the towers. Parameters logit_scale (a logarithm)
/// and logit_bias, [1] each.
class SiglipImpl : public torch::nn::Module {
 public:
  explicit SiglipImpl(const SiglipSpec& spec);

  SiglipVisionEncoder vision_model{nullptr};
  SiglipTextEncoder text_model{nullptr};
  at::Tensor logit_scale, logit_bias;
};
TORCH_MODULE(Siglip);

}  // namespace transect

#endif  // TRANSECT_MODEL_SIGLIP_SIGLIP_H_
