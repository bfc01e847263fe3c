#include "model/siglip/siglip.h"

#include <torch/torch.h>

namespace transect {

SiglipImpl::SiglipImpl(const SiglipSpec& spec) {
  logit_scale = register_parameter("logit_scale", torch::empty({1}));
  logit_bias = register_parameter("logit_bias", torch::empty({1}));
  text_model = register_module("text_model", SiglipTextEncoder(spec));
  vision_model = register_module("vision_model", SiglipVisionEncoder(spec));
}

}  // namespace transect
