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
/// Both terms are means over the pixels (cells) of each image, and over images.
///
/// \param mask [B, 1, S, S] float32, 0 or 1.
/// \param counted the same shape, 0 for pixels that count in neither term, else
///   1; undefined where all count. A cell has the mean of the mask over its
///   pixels that count, and weighs as much as there are of them. An image
///   without a pixel that counts adds 0 to the sum over images. Means are over
///   each image first, so that they do not depend on which images share a batch
///   or a rank.
/// \returns a scalar with gradient.
/// \throws c10::Error if shapes disagree, or if activation_weight is not 0 and
///   the network has no activation map.
/// Deterministic for a fixed number of threads.
at::Tensor SegmentationLoss(const ModelOutput& output, const at::Tensor& mask,
                            const LossWeights& weights,
                            const at::Tensor& counted = {});

}  // namespace transect

#endif  // TRANSECT_MODEL_LOSS_H_
