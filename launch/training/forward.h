/// \file
/// A batch through a network: the one place that decides who sees the truth.
#ifndef TRANSECT_LAUNCH_TRAINING_FORWARD_H_
#define TRANSECT_LAUNCH_TRAINING_FORWARD_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "data/batch/batch.h"
#include "model/base/segmentation_model.h"

namespace transect {

/// The box around each mask, as `GroundTruth` has it. `mask` is [B, 1, S, S],
/// 0 or 1.
/// \throws c10::Error for a mask without a pixel: it has no box.
at::Tensor TrueBoxes(const at::Tensor& mask);

/// `model` on the images and sentences of `batch`. Only an `OracleModel` is
/// given more than these: the boxes of the true masks.
/// \param device where the network is. \param step see `ModelInput::step`.
/// \throws c10::Error as the network's forward.
ModelOutput ForwardBatch(SegmentationModel& model, const Batch& batch,
                         at::Device device, int64_t step = 0);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_FORWARD_H_
