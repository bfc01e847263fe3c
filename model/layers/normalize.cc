#include "model/layers/normalize.h"

#include <torch/torch.h>

namespace transect {

at::Tensor NormalizeForSam(const at::Tensor& image) {
  const at::Tensor mean =
      at::tensor({0.485, 0.456, 0.406}, image.options()).view({3, 1, 1});
  const at::Tensor deviation =
      at::tensor({0.229, 0.224, 0.225}, image.options()).view({3, 1, 1});
  return (image - mean) / deviation;
}

at::Tensor NormalizeForSiglip(const at::Tensor& image, int64_t side) {
  const at::Tensor normalized = image * 2 - 1;
  if (image.size(2) == side && image.size(3) == side) return normalized;
  return at::upsample_bilinear2d(normalized, {side, side},
                                 /*align_corners=*/false);
}

}  // namespace transect
