/// \file
/// The training loop.
///
/// input: a network, the samples of the train split and a `TrainingSpec`;
/// output: the trained network and `TrainStep` records of rank 0.
/// Data-parallel: every rank holds the whole network and takes its share of
/// each batch.
#ifndef TRANSECT_LAUNCH_TRAINING_TRAINER_H_
#define TRANSECT_LAUNCH_TRAINING_TRAINER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "data/index/dataset_index.h"
#include "launch/training/train_task.h"

namespace transect {

struct TrainSummary {
  /// Optimizer steps done.
  int64_t steps = 0;
  /// Mean seconds of a step, the first excluded; 0 for a single step.
  double step_seconds = 0;
};

/// Trains for `training.steps` steps, or for as many as `training.epochs` are
/// on `data` (experiments/training/train_length.h); does nothing for 0 steps.
///
/// Step s takes the samples `Sampler::Step(s, rank, ranks)`
/// (data/loader/sampler.h), which are prefetched (data/loader/loader.h). The
/// objective is the mean over the global batch: gradients are summed over ranks
/// in rank order and are the same bits everywhere. Trained tensors are ordered
/// by name.
///
/// Under FP16 the loss is scaled (launch/training/loss_scale.h). A step whose
/// loss or gradients are not finite changes only the scale, while that can
/// fall, and logs an Event record.
///
/// Every `training.compare_replicas_every` steps and after the last one the
/// ranks compare what they hold (launch/training/replicas.h).
///
/// Errors: NON_FINITE, naming the step, if else the loss or a gradient is not
/// finite, on all ranks alike because the sums decide; DATA for samples that
/// cannot be read, and for a split on which the training would have no length;
/// a lost peer; MEMORY; INTERNAL if the ranks do not hold the same network.
///
/// The same run on the same number of ranks and threads gives the same bits.
absl::StatusOr<TrainSummary> Train(const TrainTask& task,
                                   const DatasetIndex& data);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_TRAINER_H_
