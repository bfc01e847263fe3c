/// \file
/// From pixels between 0 and 1 to what the two image towers were trained on.
#ifndef TRANSECT_MODEL_LAYERS_NORMALIZE_H_
#define TRANSECT_MODEL_LAYERS_NORMALIZE_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace transect {

/// ImageNet's mean (0.485, 0.456, 0.406) and deviation (0.229, 0.224, 0.225) of
/// red, green and blue, which SAM was trained with. [B, 3, S, S] to the same.
at::Tensor NormalizeForSam(const at::Tensor& image);

/// Mean and deviation 0.5, then bilinear (align_corners=false) without
/// antialiasing to `side` pixels, in this order, as the released code does:
/// [B, 3, S, S] to [B, 3, side, side]. Without a deterministic backward: an
/// image has no gradient.
at::Tensor NormalizeForSiglip(const at::Tensor& image, int64_t side);

}  // namespace transect

#endif  // TRANSECT_MODEL_LAYERS_NORMALIZE_H_
