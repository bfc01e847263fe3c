#include "launch/training/lr_schedule.h"

#include <cmath>
#include <cstdint>
#include <numbers>

#include "experiments/training/training.pb.h"

namespace transect {
namespace {

// Exact at both ends.
double Between(double from, double to, double t) {
  return from * (1 - t) + to * t;
}

}  // namespace

double LearningRate(const ScheduleSpec& schedule, double peak, int64_t steps,
                    int64_t step) {
  const int64_t warmup = schedule.warmup_steps();
  if (step < warmup) {
    const double t = warmup == 1 ? 1
                                 : static_cast<double>(step) /
                                       static_cast<double>(warmup - 1);
    return peak * Between(schedule.warmup_start_fraction(), 1, t);
  }
  const int64_t last = steps - 1 - warmup;
  const double t = last <= 0 ? 0
                             : static_cast<double>(step - warmup) /
                                   static_cast<double>(last);
  const double height = (1 + std::cos(std::numbers::pi * t)) / 2;
  return peak * Between(schedule.final_fraction(), 1, height);
}

}  // namespace transect
