/// \file
/// From the loader to the network: what training and evaluation do alike.
///
/// input: a loader's pixels; output: a batch, and of it the `ModelInput`.
#ifndef TRANSECT_LAUNCH_TRAINING_NEXT_BATCH_H_
#define TRANSECT_LAUNCH_TRAINING_NEXT_BATCH_H_

#include <c10/core/Device.h>

#include <cstdint>

#include "absl/status/statusor.h"
#include "data/batch/batch.h"
#include "data/loader/loader.h"
#include "launch/training/train_task.h"
#include "model/base/segmentation_model.h"

namespace transect {

/// The next batch with its samples' own sentences. Errors: DATA, naming the
/// sample and its file or sentence; MEMORY.
absl::StatusOr<Batch> NextBatch(const TrainTask& task, Loader* loader);

/// The batch as networks take it: images on `device`, where they travel as
/// bytes, token ids and counts on the CPU. `step` is needed in training mode.
ModelInput MakeModelInput(const Batch& batch, c10::Device device,
                          int64_t step = 0);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_NEXT_BATCH_H_
