/// \file
/// Resizing maps by two small fixed matrices, W_h X W_w^T.
///
/// Same values as PyTorch's interpolate up to rounding; unlike it, the backward
/// pass is a matrix product and so deterministic on every device.
#ifndef TRANSECT_MODEL_LAYERS_INTERPOLATE_H_
#define TRANSECT_MODEL_LAYERS_INTERPOLATE_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace transect {

/// [to, from] matrix of bilinear interpolation with align_corners=false and
/// without antialiasing: output i reads at (i + 0.5) * from / to - 0.5, clamped
/// to the input. Every row sums to 1. float32 on the CPU.
at::Tensor BilinearMatrix(int64_t to, int64_t from);

/// [to, from] matrix of averages over cells: output i is the mean of the input
/// over [i, i + 1) * from / to, where an element that is cut counts by its part
/// inside. Every row sums to 1. float32 on the CPU.
at::Tensor AreaMatrix(int64_t to, int64_t from);

/// Bilinear resize of [..., h, w] to [..., height, width]; differentiable.
at::Tensor ResizeBilinear(const at::Tensor& map, int64_t height, int64_t width);

/// Resize of [..., h, w] to [..., height, width] by averages over cells.
at::Tensor ResizeArea(const at::Tensor& map, int64_t height, int64_t width);

}  // namespace transect

#endif  // TRANSECT_MODEL_LAYERS_INTERPOLATE_H_
