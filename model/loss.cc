#include "model/loss.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/Reduction.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <c10/util/Exception.h>

#include "model/layers/interpolate.h"

namespace transect {
namespace {

// Mean over the elements of each image, weighted by `weight` if that is
// defined, and over images.
at::Tensor MeanCrossEntropy(const at::Tensor& logits, const at::Tensor& target,
                            const at::Tensor& weight) {
  if (!weight.defined()) {
    return at::binary_cross_entropy_with_logits(logits, target);
  }
  const at::Tensor sums = at::binary_cross_entropy_with_logits(
                              logits, target, weight,
                              /*pos_weight=*/{}, at::Reduction::None)
                              .sum({1, 2, 3});
  const at::Tensor weights = weight.sum({1, 2, 3});
  return (sums / weights.where(weights > 0, at::ones_like(weights))).mean();
}

}  // namespace

at::Tensor SegmentationLoss(const ModelOutput& output, const at::Tensor& mask,
                            const LossWeights& weights,
                            const at::Tensor& counted) {
  const at::Tensor& logits = output.mask_logits;
  TORCH_CHECK(mask.dim() == 4 && logits.dim() == 4 && mask.size(1) == 1 &&
                  logits.size(1) == 1 && mask.size(0) == logits.size(0),
              "loss: mask [B, 1, S, S] and mask_logits [B, 1, h, w], got ",
              mask.sizes(), " and ", logits.sizes());
  TORCH_CHECK(!counted.defined() || counted.sizes() == mask.sizes(),
              "loss: counted must have the mask's shape ", mask.sizes(),
              ", got ", counted.defined() ? counted.sizes() : mask.sizes());
  at::Tensor loss =
      MeanCrossEntropy(ResizeBilinear(logits, mask.size(2), mask.size(3)), mask,
                       counted) *
      weights.bce_weight;
  if (weights.activation_weight != 0) {
    const at::Tensor& activation = output.activation_logits;
    TORCH_CHECK(activation.defined(), "loss: activation_weight is ",
                weights.activation_weight,
                " but the network has no activation map");
    const auto over_cells = [&activation](const at::Tensor& map) {
      return ResizeArea(map, activation.size(2), activation.size(3));
    };
    at::Tensor target = over_cells(mask), share;
    if (counted.defined()) {
      share = over_cells(counted);
      target = over_cells(mask * counted) /
               share.where(share > 0, at::ones_like(share));
    }
    loss = loss + MeanCrossEntropy(activation, target, share) *
                      weights.activation_weight;
  }
  return loss;
}

}  // namespace transect
