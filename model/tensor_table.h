/// \file
/// Every tensor of a model, by name, shape and role, without LibTorch. The
/// modules are tested against it, the weight loader checks files against it,
/// and the parameter counts of a plan come from it.
#ifndef TRANSECT_MODEL_TENSOR_TABLE_H_
#define TRANSECT_MODEL_TENSOR_TABLE_H_

#include <vector>

#include "model/base/tensors.h"
#include "model/model.pb.h"

namespace transect {

/// The tensors of a resolved, valid spec, in this order: SigLIP, SAM, prompter,
/// adapters; inside a part in the order of the modules. A network has the parts
/// that it is made of: patch_text_map no SAM and no prompter, sam_oracle_box
/// SAM alone. Empty where no network is set.
///
/// Trainable under ADAPTERS: adapters, the prompter, sam.mask_decoder.*, and
/// sam.prompt_encoder.* if sam.tune_prompt_encoder. Under ALL: every tensor
/// that is used and no buffer; there are no adapters. Of patch_text_map under
/// ADAPTERS: adapters, and siglip.logit_scale and siglip.logit_bias where
/// tune_scale. Of sam_oracle_box with NONE: nothing.
///
/// With prompts DENSE the prompter's convolutions do not exist, so it has no
/// tensors.
std::vector<TensorInfo> TensorTable(const ModelSpec& spec);

}  // namespace transect

#endif  // TRANSECT_MODEL_TENSOR_TABLE_H_
