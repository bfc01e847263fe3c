/// \file
/// SAM's parts under the names of Hugging Face's `SamModel`.
#ifndef TRANSECT_MODEL_SAM_SAM_H_
#define TRANSECT_MODEL_SAM_SAM_H_

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "model/sam/image_encoder.h"
#include "model/sam/mask_decoder.h"
#include "model/sam/prompt_encoder.h"
#include "model/sam/sam.pb.h"

namespace transect {

/// A container: its user runs the parts. `SamModel` names the positional matrix
/// a second time, in the prompt encoder; here it is there once.
class SamImpl : public torch::nn::Module {
 public:
  explicit SamImpl(const SamSpec& spec);

  SamPositionalEmbedding shared_image_embedding{nullptr};
  SamImageEncoder vision_encoder{nullptr};
  SamPromptEncoder prompt_encoder{nullptr};
  SamMaskDecoder mask_decoder{nullptr};
};
TORCH_MODULE(Sam);

}  // namespace transect

#endif  // TRANSECT_MODEL_SAM_SAM_H_
