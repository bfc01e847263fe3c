#include "experiments/training/train_length.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "experiments/training/training_spec.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

std::string Count(int64_t count, absl::string_view unit) {
  return absl::StrCat(count, " ", unit, count == 1 ? "" : "s");
}

}  // namespace

bool Trains(const TrainingSpec& training) {
  return (training.has_epochs() ? training.epochs() : training.steps()) != 0;
}

std::string LengthText(const TrainingSpec& training) {
  return training.has_epochs() ? Count(training.epochs(), "epoch")
                               : Count(training.steps(), "step");
}

absl::StatusOr<TrainLength> LengthOf(const TrainingSpec& training,
                                     DataSpec::LastBatch last_batch,
                                     int64_t samples) {
  TRANSECT_ASSIGN_OR_RETURN(
      const Epochs epochs,
      Epochs::Create(samples, training.global_batch(), last_batch));
  const ScheduleSpec& schedule = training.schedule();
  TrainLength length{training.steps(), schedule.warmup_steps(), epochs};
  if (training.has_epochs()) length.steps = epochs.Steps(training.epochs());
  if (schedule.has_warmup_epochs()) {
    length.warmup_steps = epochs.Steps(schedule.warmup_epochs());
  }
  if (length.steps > kMostSteps) {
    return absl::InvalidArgumentError(
        absl::StrCat("training.epochs is ", training.epochs(), ", which are ",
                     length.steps, " steps on ", Count(samples, "sample"),
                     "; they must be at most ", kMostSteps));
  }
  if (length.warmup_steps > length.steps) {
    return absl::InvalidArgumentError(absl::StrCat(
        "training.schedule warms up for ", Count(length.warmup_steps, "step"),
        " on ", Count(samples, "sample"), ", but the training has only ",
        length.steps));
  }
  return length;
}

absl::StatusOr<int64_t> StepsOf(const TrainingSpec& training,
                                DataSpec::LastBatch last_batch,
                                int64_t samples) {
  if (!training.has_epochs()) {
    return training.steps();
  }
  TRANSECT_ASSIGN_OR_RETURN(const TrainLength length,
                            LengthOf(training, last_batch, samples));
  return length.steps;
}

}  // namespace transect
