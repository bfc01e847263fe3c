#include "model/sam/sam.h"

#include <torch/torch.h>

namespace transect {

SamImpl::SamImpl(const SamSpec& spec) {
  shared_image_embedding = register_module(
      "shared_image_embedding", SamPositionalEmbedding(spec.prompt_channels()));
  vision_encoder = register_module("vision_encoder", SamImageEncoder(spec));
  prompt_encoder = register_module("prompt_encoder", SamPromptEncoder(spec));
  mask_decoder = register_module("mask_decoder", SamMaskDecoder(spec));
}

}  // namespace transect
