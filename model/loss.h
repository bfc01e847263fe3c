/// \file
/// Training objective: `ModelOutput` and mask in, one number out.
///
/// RSRefSeg paper, section III-C (sigmoid cross-entropy), plus our auxiliary
/// term on the activation map. Weights are fields of `LossSpec`
/// (experiments/training/training.proto).
#ifndef TRANSECT_MODEL_LOSS_H_
#define TRANSECT_MODEL_LOSS_H_

#include <ATen/core/Tensor.h>

#include "model/base/segmentation_model.h"

namespace transect {

/// Weights of the terms, as in `LossSpec`.
struct LossWeights {
  /// Of the cross-entropy of the mask; 0 or more.
  double bce_weight = 1;
  /// Of the cross-entropy of the activation map; 0 or more.
  double activation_weight = 0;
};

/// bce_weight * BCE(mask_logits resized bilinearly to the mask, mask)
///   + activation_weight * BCE(activation_logits, mask averaged over cells).
/// Both terms are means over pixels (cells) and images.
///
/// \param mask [B, 1, S, S] float32, 0 or 1.
/// \returns a scalar with gradient.
/// \throws c10::Error if shapes disagree, or if activation_weight is not 0 and
///   the network has no activation map.
/// Deterministic for a fixed number of threads.
at::Tensor SegmentationLoss(const ModelOutput& output, const at::Tensor& mask,
                            const LossWeights& weights);

}  // namespace transect

#endif  // TRANSECT_MODEL_LOSS_H_
