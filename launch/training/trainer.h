/// \file
/// The training loop.
///
/// input: a network, the samples of the train split and a `TrainingSpec`;
/// output: the trained network and `TrainStep` records of rank 0.
/// Data-parallel: every rank holds the whole network and takes its share of
/// the logical shards of each batch.
#ifndef TRANSECT_LAUNCH_TRAINING_TRAINER_H_
#define TRANSECT_LAUNCH_TRAINING_TRAINER_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "data/index/dataset_index.h"
#include "launch/rank/train_task.h"

namespace transect {

struct TrainSummary {
  /// Optimizer steps done.
  int64_t steps = 0;
  /// The step whose weights the network has, where they are those of the best
  /// validation; else 0, and they are those of the last step.
  int64_t best_step = 0;
  /// Whether validations ended it before its last step.
  bool ended_early = false;
  /// Mean seconds of a step of this attempt, the first excluded; 0 for a single
  /// step.
  double step_seconds = 0;
  /// Seconds of this attempt in validations.
  double validation_seconds = 0;
};

/// Trains for `training.steps` steps, or for as many as `training.epochs` are
/// on `data` (experiments/training/train_length.h); does nothing for 0 steps.
///
/// Shard i of step s has the samples `Sampler::Step(s, i, logical_shards)`
/// (data/loader/sampler.h), which are prefetched (data/loader/loader.h). The
/// objective is the mean over the global batch: gradients are summed over
/// shards by a fixed tree (launch/collective/tree_sum.h) and are the same bits
/// everywhere. Trained tensors are ordered by name.
///
/// Under FP16 the loss is scaled (launch/optimizer/loss_scale.h). A step whose
/// loss or gradients are not finite changes only the scale, while that can
/// fall, and logs an Event record.
///
/// Every `training.compare_replicas_every` steps and after the last one the
/// ranks compare what they hold (launch/training/replicas.h).
///
/// Where the job has a checkpoint, the training goes on from it, with the bits
/// of one that was never stopped; rank 0 writes new ones as
/// `training.checkpoint` says (launch/training/checkpoints.h). What cannot be
/// read or written of them is told and logged, and ends nothing.
///
/// It is interrupted by validations on `validated`
/// (launch/training/validation.h), which decide, where
/// `training.validation` says so, when it ends and which weights the network
/// has afterwards.
///
/// Errors: CHECKPOINTED on all ranks after a step in which one of them got
/// SIGTERM or SIGUSR2; NON_FINITE, naming the step, if else the loss or a
/// gradient is not finite, on all ranks alike because the sums decide; DATA for
/// samples that cannot be read, and for a split on which the training would
/// have no length; a lost peer; MEMORY; INTERNAL if the ranks do not hold the
/// same network.
///
/// The same run on the same number of threads gives the same bits, on any
/// number of ranks that may share its logical shards.
/// \param validated the split `training.validation.split`; null for no
///   validations.
absl::StatusOr<TrainSummary> Train(const TrainTask& task,
                                   const DatasetIndex& data,
                                   const DatasetIndex* validated = nullptr);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_TRAINER_H_
