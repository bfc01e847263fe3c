/// \file
/// Times the steps of a training and logs them.
#ifndef TRANSECT_LAUNCH_TRAINING_STEP_LOG_H_
#define TRANSECT_LAUNCH_TRAINING_STEP_LOG_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "launch/rank/train_task.h"
#include "metrics/metric_log.pb.h"

namespace transect {

/// Of one attempt. Only rank 0 writes records. Errors: those of the log.
class StepLog {
 public:
  /// `begin` of `steps` steps were done before. `task` outlives this object.
  StepLog(const TrainTask& task, int64_t begin, int64_t steps);

  /// After step `done`, from 1: a record where `training.log_every` asks for
  /// one and after the last.
  absl::Status Done(int64_t done, double loss, double lr);

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

  absl::Status Append(const MetricRecord& record);

  const TrainTask& task_;
  const int64_t begin_;
  const int64_t steps_;
  bool failed_ = false;
  Clock::time_point first_done_;
  Clock::time_point last_record_;
  int64_t last_recorded_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_STEP_LOG_H_
