/// \file
/// Initial weights of SigLIP.
///
/// | tensors                    | rule                                     |
/// |----------------------------|------------------------------------------|
/// | token and position tables  | normal, 1 / sqrt(C)                      |
/// | attention, MLP             | Xavier uniform; biases 0, of MLPs normal |
/// |                            | 1e-6                                     |
/// | patch embedding, heads     | LeCun normal, bias 0                     |
/// | logit_scale, logit_bias    | log 10, -10                              |
///
/// Source: `_init_weights` of Transformers' SigLIP.
#ifndef TRANSECT_MODEL_SIGLIP_INIT_RULES_H_
#define TRANSECT_MODEL_SIGLIP_INIT_RULES_H_

#include "model/base/init.h"

namespace transect {

/// For InitRules::rule.
InitRule SiglipInitRule(absl::string_view name, at::IntArrayRef shape);

}  // namespace transect

#endif  // TRANSECT_MODEL_SIGLIP_INIT_RULES_H_
