#include "launch/optimizer/lr_schedule.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace transect {
namespace {

// Exact at both ends.
double Between(double from, double to, double t) {
  return from * (1 - t) + to * t;
}

// How much of the cosine lies behind `step`, 0 to 1.
double Progress(const ScheduleSpec& schedule, const TrainLength& length,
                int64_t step) {
  int64_t done = step - length.warmup_steps;
  int64_t all = length.steps - 1 - length.warmup_steps;
  if (schedule.kind() == ScheduleSpec::COSINE_PER_EPOCH) {
    done = length.epochs.Of(step) - length.epochs.Of(length.warmup_steps);
    all = schedule.cosine_epochs();
  }
  return all <= 0 ? 0
                  : std::min(1.0, static_cast<double>(done) /
                                      static_cast<double>(all));
}

}  // namespace

double LearningRate(const ScheduleSpec& schedule, double peak,
                    const TrainLength& length, int64_t step) {
  const int64_t warmup = length.warmup_steps;
  if (step < warmup) {
    const double t = warmup == 1 ? 1
                                 : static_cast<double>(step) /
                                       static_cast<double>(warmup - 1);
    return peak * Between(schedule.warmup_start_fraction(), 1, t);
  }
  const double t = Progress(schedule, length, step);
  const double height = (1 + std::cos(std::numbers::pi * t)) / 2;
  return peak * Between(schedule.final_fraction(), 1, height);
}

}  // namespace transect
