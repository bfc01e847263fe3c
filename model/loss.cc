#include "model/loss.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <c10/util/Exception.h>

#include "model/layers/interpolate.h"

namespace transect {
namespace {

at::Tensor MeanCrossEntropy(const at::Tensor& logits,
                            const at::Tensor& target) {
  return at::binary_cross_entropy_with_logits(logits, target);
}

}  // namespace

at::Tensor SegmentationLoss(const ModelOutput& output, const at::Tensor& mask,
                            const LossWeights& weights) {
  const at::Tensor& logits = output.mask_logits;
  TORCH_CHECK(mask.dim() == 4 && logits.dim() == 4 && mask.size(1) == 1 &&
                  logits.size(1) == 1 && mask.size(0) == logits.size(0),
              "loss: mask [B, 1, S, S] and mask_logits [B, 1, h, w], got ",
              mask.sizes(), " and ", logits.sizes());
  at::Tensor loss =
      MeanCrossEntropy(ResizeBilinear(logits, mask.size(2), mask.size(3)),
                       mask) *
      weights.bce_weight;
  if (weights.activation_weight != 0) {
    const at::Tensor& activation = output.activation_logits;
    TORCH_CHECK(activation.defined(), "loss: activation_weight is ",
                weights.activation_weight,
                " but the network has no activation map");
    const at::Tensor target =
        ResizeArea(mask, activation.size(2), activation.size(3));
    loss =
        loss + MeanCrossEntropy(activation, target) * weights.activation_weight;
  }
  return loss;
}

}  // namespace transect
