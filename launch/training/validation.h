/// \file
/// Evaluation of what a training has so far, and what follows from it: which
/// weights are the best, and whether the training ends early.
///
/// input: the split of `training.validation`, a part of the train split and the
/// network as it is; output: `Validation` records of rank 0. It changes nothing
/// that a training step reads: no weight, no statistic, no random number and no
/// order of samples.
#ifndef TRANSECT_LAUNCH_TRAINING_VALIDATION_H_
#define TRANSECT_LAUNCH_TRAINING_VALIDATION_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/index/dataset_index.h"
#include "experiments/training/train_length.h"
#include "experiments/training/training.pb.h"
#include "launch/rank/train_task.h"
#include "launch/training/stop_signals.h"
#include "launch/training/training_state.h"
#include "metrics/metric_log.pb.h"
#include "metrics/segmentation.h"

namespace transect {

/// `count` of `items`, spread evenly: the i-th is items[i * N / count] of N.
/// All of them where there are not more.
std::vector<const Sample*> SpreadItems(std::vector<const Sample*> items,
                                       int64_t count);

/// Of one rank; all ranks make the same calls.
class Validator {
 public:
  /// \param split the whole split that is evaluated; null, or without an
  ///   interval in `training.validation`, there are no validations.
  /// Everything outlives this object.
  Validator(const TrainTask& task, const DatasetIndex& train,
            const DatasetIndex* split, const TrainLength& length);

  /// Whether there is one after `steps` steps: at the intervals of
  /// `training.validation` and after the last step of the training.
  bool IsDueAfter(int64_t steps) const;

  /// Validates, and notes in `state` what that decides. A checkpoint of a step
  /// holds the state before its validation, so a training that goes on from
  /// there validates first.
  ///
  /// Records hold the same integers on any number of ranks. A record that
  /// cannot be written after the last step is no error: the log returns its
  /// own when it is closed.
  /// \returns whether it was left, with nothing noted, because a signal asked
  ///   any rank to stop. Errors: DATA, MEMORY, a lost peer, those of the log.
  absl::StatusOr<bool> Run(const StopSignals& signals, TrainingState* state);

  /// Whether the training ends, before its last step, because the validations
  /// of late were no better: `training.validation.early_stopping`.
  bool EndsEarly(TrainingState& state) const;

 private:
  // Counts `items` over all ranks; nothing if a signal came.
  absl::StatusOr<std::vector<ItemCounts>> Count(
      const std::vector<const Sample*>& items, const StopSignals& signals);
  // Counts and scores them; writes the record, without `best`, to `record`.
  absl::StatusOr<bool> Score(const std::vector<const Sample*>& items,
                             absl::string_view split,
                             const StopSignals& signals, int64_t step,
                             Validation* record);
  absl::Status Log(const TrainingState& state, const MetricRecord& record);

  const TrainTask& task_;
  const ValidationSpec& spec_;
  const TrainLength& length_;
  const bool validates_;
  std::vector<const Sample*> items_, train_items_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_VALIDATION_H_
