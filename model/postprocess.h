/// \file
/// From mask logits to logits at the size of the original image.
#ifndef TRANSECT_MODEL_POSTPROCESS_H_
#define TRANSECT_MODEL_POSTPROCESS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace transect {

/// Two bilinear steps (align_corners=false), as the released code predicts:
/// first to the square network input, then to the image as it was before it was
/// squashed to that square. A pixel belongs to the mask where the result is
/// above 0, that is where its sigmoid is above 0.5.
///
/// \param mask_logits [B, 1, h, w] or [1, h, w] float32.
/// \param input_size side of the network's input in pixels.
/// \returns the same leading sizes with [original_height, original_width].
/// Deterministic; the result of an image does not depend on its batch.
at::Tensor ResizeLogits(const at::Tensor& mask_logits, int64_t input_size,
                        int64_t original_height, int64_t original_width);

}  // namespace transect

#endif  // TRANSECT_MODEL_POSTPROCESS_H_
