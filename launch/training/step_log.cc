#include "launch/training/step_log.h"

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "launch/rank/train_task.h"
#include "metrics/metric_log.pb.h"

namespace transect {
namespace {

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
      .count();
}

}  // namespace

StepLog::StepLog(const TrainTask& task, int64_t begin, int64_t steps)
    : task_(task),
      begin_(begin),
      steps_(steps),
      last_record_(Clock::now()),
      last_recorded_(begin) {}

absl::Status StepLog::Done(int64_t done, double loss, double lr) {
  const TrainingSpec& training = task_.run->training();
  if (done == begin_ + 1) {
    first_done_ = Clock::now();
  }
  if (task_.collective->rank() != 0 ||
      (done % training.log_every() != 0 && done != steps_)) {
    return absl::OkStatus();
  }
  MetricRecord record;
  TrainStep* const step = record.mutable_train_step();
  step->set_step(done);
  step->set_steps(steps_);
  step->set_loss(loss);
  step->set_lr(lr);
  step->set_step_seconds(SecondsSince(last_record_) /
                         static_cast<double>(done - last_recorded_));
  last_record_ = Clock::now();
  last_recorded_ = done;
  return Append(record);
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
  const int64_t timed = steps_ - begin_ - 1;
  return timed < 1 ? 0 : SecondsSince(first_done_) / static_cast<double>(timed);
}

absl::Status StepLog::Append(const MetricRecord& record) {
  absl::Status status = task_.log->Append(record);
  failed_ = failed_ || !status.ok();
  return status;
}

}  // namespace transect
