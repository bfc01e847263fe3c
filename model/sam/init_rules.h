/// \file
/// Initial weights of SAM.
///
/// | tensors                       | rule                                   |
/// |-------------------------------|----------------------------------------|
/// | tokens, point and mask tables | normal, 1                              |
/// | positional matrix             | normal, 1                              |
/// | position tables               | normal, 0.02                           |
/// | linear and convolution        | PyTorch's: uniform, 1 / sqrt(fan_in)   |
///
/// Source: facebookresearch/segment-anything, which leaves its layers as
/// PyTorch makes them. Departure: there the position tables start at 0.
#ifndef TRANSECT_MODEL_SAM_INIT_RULES_H_
#define TRANSECT_MODEL_SAM_INIT_RULES_H_

#include "model/base/init.h"

namespace transect {

/// For InitRules::rule.
InitRule SamInitRule(absl::string_view name, at::IntArrayRef shape);

}  // namespace transect

#endif  // TRANSECT_MODEL_SAM_INIT_RULES_H_
