/// \file
/// Times the steps of a training and logs them: `TrainStep` in
/// metrics/metric_log.proto.
///
/// Loss and gradient norm are means over all steps since the last record, and
/// what was added up is part of the state of the training (training_state.h):
/// a training that is stopped and goes on has the records of one that is not,
/// bit for bit, on any number of ranks. Times are means over those of these
/// steps that this attempt made.
#ifndef TRANSECT_LAUNCH_TRAINING_STEP_LOG_H_
#define TRANSECT_LAUNCH_TRAINING_STEP_LOG_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "launch/rank/train_task.h"
#include "launch/training/training_state.h"
#include "metrics/metric_log.pb.h"

namespace transect {

/// A step that is over.
struct StepOutcome {
  /// Mean over the global batch.
  double loss = 0;
  /// Its learning rate.
  double lr = 0;
  /// Of the gradient that the optimizer took, without the loss scale; none
  /// where no step was taken.
  std::optional<double> gradient_norm;
  /// How long this rank waited for its batches.
  double data_seconds = 0;
};

/// Of one attempt. Only rank 0 writes records. Errors: those of the log.
class StepLog {
 public:
  /// \param state that of the training, after the steps that were done before.
  /// \param steps of the whole training. Everything outlives this object.
  StepLog(const TrainTask& task, TrainingState* state, int64_t steps);

  /// After each step, once the state counts it: a record where
  /// `training.log_every` asks for one and after the last. A loss that is not
  /// finite makes the mean so.
  absl::Status Done(const StepOutcome& outcome);

  /// The training ends before its last step: a record of the steps since the
  /// last one, if there are any.
  absl::Status EndEarly();

  /// The time since the last step was no step's, such as that of a validation.
  void LeaveOut() { last_ = Clock::now(); }

  /// Logs overflows, which `problem` names ("" for none), and changes of the
  /// loss scale.
  absl::Status Scaled(int64_t step, const std::string& problem, double before,
                      double after);

  /// Whether a record could not be written.
  bool failed() const { return failed_; }

  /// Of all steps of this attempt but the first, seconds; 0 where there is no
  /// other.
  double MeanStepSeconds() const;

 private:
  using Clock = std::chrono::steady_clock;

  absl::Status Record();
  absl::Status Append(const MetricRecord& record);

  const TrainTask& task_;
  TrainingState& state_;
  const int64_t steps_;
  bool failed_ = false;
  double lr_ = 0;
  // When the last step ended.
  Clock::time_point last_;
  // Steps of this attempt, and seconds of all but the first.
  int64_t made_ = 0;
  double made_seconds_ = 0;
  // Since the last record, by this attempt.
  int64_t timed_ = 0;
  double seconds_ = 0;
  double data_seconds_ = 0;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_STEP_LOG_H_
