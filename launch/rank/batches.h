/// \file
/// Batches for training and evaluation: a loader set up as the run says, and
/// its pixels joined with sentences.
#ifndef TRANSECT_LAUNCH_RANK_BATCHES_H_
#define TRANSECT_LAUNCH_RANK_BATCHES_H_

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "data/batch/batch.h"
#include "data/loader/loader.h"
#include "experiments/experiment.pb.h"
#include "launch/rank/train_task.h"

namespace transect {

/// The image sizes that the run's network takes, by `model` and
/// `data.siglip_resize`.
InputFormat InputFormatOf(const RunSpec& run);

/// Starts reading batches `begin` to `end` - 1 of `samples`, with
/// `training.loader_threads` and `training.prefetch_batches`, which change no
/// result. Errors: as Loader::Start.
absl::StatusOr<std::unique_ptr<Loader>> StartLoader(const TrainTask& task,
                                                    BatchSamples samples,
                                                    int64_t begin, int64_t end);

/// The next batch with its samples' own sentences. Errors: DATA, naming the
/// sample and its file or sentence; MEMORY.
absl::StatusOr<Batch> NextBatch(const TrainTask& task, Loader* loader);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_RANK_BATCHES_H_
