#include "launch/training/step_log.h"

#include <sys/resource.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "launch/rank/train_task.h"
#include "metrics/metric_log.pb.h"
#include "model/base/runtime.h"

namespace transect {
namespace {

int64_t PeakMemory(c10::Device device) {
  if (!device.is_cpu()) return PeakDeviceMemory(device).reserved;
  rusage usage;
  return getrusage(RUSAGE_SELF, &usage) == 0 ? int64_t{1024} * usage.ru_maxrss
                                             : 0;
}

}  // namespace

StepLog::StepLog(const TrainTask& task, TrainingState* state, int64_t steps)
    : task_(task), state_(*state), steps_(steps), last_(Clock::now()) {}

absl::Status StepLog::Done(const StepOutcome& outcome) {
  const Clock::time_point now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - last_).count();
  last_ = now;
  if (made_++ > 0) made_seconds_ += seconds;
  ++timed_;
  seconds_ += seconds;
  data_seconds_ += outcome.data_seconds;
  lr_ = outcome.lr;
  StepSums& sums = state_.sums();
  ++sums.steps;
  sums.loss += outcome.loss;
  if (outcome.gradient_norm.has_value()) {
    ++sums.taken;
    sums.gradient_norm += *outcome.gradient_norm;
  }
  const int64_t done = state_.steps();
  return done % task_.run->training().log_every() == 0 || done == steps_
             ? Record()
             : absl::OkStatus();
}

absl::Status StepLog::EndEarly() {
  return state_.sums().steps > 0 ? Record() : absl::OkStatus();
}

absl::Status StepLog::Record() {
  const StepSums sums = state_.sums();
  state_.sums() = StepSums();
  MetricRecord record;
  TrainStep* const step = record.mutable_train_step();
  step->set_step(state_.steps());
  step->set_steps(steps_);
  step->set_mean_of_steps(sums.steps);
  step->set_loss(sums.loss / static_cast<double>(sums.steps));
  step->set_lr(lr_);
  if (sums.taken > 0) {
    step->set_gradient_norm(sums.gradient_norm /
                            static_cast<double>(sums.taken));
  }
  const auto timed = static_cast<double>(timed_);
  step->set_step_seconds(seconds_ / timed);
  step->set_data_seconds(data_seconds_ / timed);
  if (seconds_ > 0) {
    step->set_images_per_second(timed * task_.run->training().global_batch() /
                                seconds_);
  }
  step->set_peak_memory_bytes(PeakMemory(task_.device));
  timed_ = 0;
  seconds_ = 0;
  data_seconds_ = 0;
  return task_.collective->rank() == 0 ? Append(record) : absl::OkStatus();
}

absl::Status StepLog::Scaled(int64_t step, const std::string& problem,
                             double before, double after) {
  if (task_.collective->rank() != 0 || (problem.empty() && before == after)) {
    return absl::OkStatus();
  }
  MetricRecord record;
  record.mutable_event()->set_text(absl::StrCat(
      "step ", step,
      problem.empty() ? "" : absl::StrCat(": ", problem, ", no weight changed"),
      "; the loss scale was ", before, " and is ", after));
  return Append(record);
}

double StepLog::MeanStepSeconds() const {
  return made_ < 2 ? 0 : made_seconds_ / static_cast<double>(made_ - 1);
}

absl::Status StepLog::Append(const MetricRecord& record) {
  absl::Status status = task_.log->Append(record);
  failed_ = failed_ || !status.ok();
  return status;
}

}  // namespace transect
