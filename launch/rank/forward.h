/// \file
/// A batch through a network: the only place that decides who sees the truth.
#ifndef TRANSECT_LAUNCH_RANK_FORWARD_H_
#define TRANSECT_LAUNCH_RANK_FORWARD_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "data/batch/batch.h"
#include "model/base/joint_tape.h"
#include "model/base/segmentation_model.h"

namespace transect {

/// `batch` as networks take it: images on `device`, to which they travel as
/// bytes; token ids and counts on the CPU. \param step see `ModelInput::step`.
ModelInput MakeModelInput(const Batch& batch, at::Device device,
                          int64_t step = 0);

/// `batch.counted` as SegmentationLoss takes it: float32 on `device`, undefined
/// where all pixels count.
at::Tensor CountedPixels(const Batch& batch, at::Device device);

/// The box around each mask, as `GroundTruth` has it. `mask` is [B, 1, S, S],
/// 0 or 1.
/// \throws c10::Error for a mask without a pixel: it has no box.
at::Tensor TrueBoxes(const at::Tensor& mask);

/// `model` on `input`, which is on its device. Only an `OracleModel` is given
/// the truth; `truth` is not called for another.
/// \throws c10::Error as the network's forward and as `truth`.
ModelOutput Forward(SegmentationModel& model, const ModelInput& input,
                    const std::function<GroundTruth()>& truth);

/// `model`, which is on `device`, on the images and sentences of `batch`; the
/// truth is the boxes of its masks.
/// \param step needed in training mode, see `ModelInput::step`.
/// \param memo see `ModelInput::memo`.
/// \throws c10::Error as `Forward`.
ModelOutput ForwardBatch(SegmentationModel& model, const Batch& batch,
                         at::Device device, int64_t step = 0,
                         EvaluationMemo* memo = nullptr);

/// The last stage of a training step: `model.Decode` of the batch, or an
/// oracle's whole forward pass with the truth. Otherwise as `ForwardBatch`.
ModelOutput DecodeBatch(SegmentationModel& model, const Batch& batch,
                        at::Device device, int64_t step,
                        const Features& joined);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_RANK_FORWARD_H_
