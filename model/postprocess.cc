#include "model/postprocess.h"

#include "model/layers/interpolate.h"

namespace transect {

at::Tensor ResizeLogits(const at::Tensor& mask_logits, int64_t input_size,
                        int64_t original_height, int64_t original_width) {
  return ResizeBilinear(ResizeBilinear(mask_logits, input_size, input_size),
                        original_height, original_width);
}

}  // namespace transect
