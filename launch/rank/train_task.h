/// \file
/// What the training loop and the evaluator work on. launch/worker/rank_run.h
/// opens it.
#ifndef TRANSECT_LAUNCH_RANK_TRAIN_TASK_H_
#define TRANSECT_LAUNCH_RANK_TRAIN_TASK_H_

#include <c10/core/Device.h>

#include "data/text/tokenizer.h"
#include "experiments/experiment.pb.h"
#include "launch/collective/collective.h"
#include "launch/collective/shard_sum.h"
#include "launch/rank/rank_log.h"
#include "launch/store/job.pb.h"
#include "model/base/segmentation_model.h"

namespace transect {

/// Nothing is owned; everything outlives the calls that take it.
struct TrainTask {
  /// Resolved.
  const RunSpec* run = nullptr;
  const Tokenizer* tokenizer = nullptr;
  SegmentationModel* model = nullptr;
  Collective* collective = nullptr;
  /// What `model` sums its batch statistics with.
  const CollectiveShardSum* batch_statistics = nullptr;
  /// Where `model` computes.
  c10::Device device = c10::Device(c10::DeviceType::CPU);
  /// Log of this rank.
  RankLog* log = nullptr;
  /// The attempt, whose job's checkpoints the training goes on from and adds
  /// to; null for neither.
  const LaunchPlan* plan = nullptr;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_RANK_TRAIN_TASK_H_
