/// \file
/// Learning rate over time: `ScheduleSpec`
/// (experiments/training/training.proto) in, the rate of one step out.
///
/// The shape is the reference trainer's (linear warm-up whose last step has the
/// peak, then a cosine), counted in optimizer steps.
/// Departure: the reference steps its cosine once per epoch over a period that
/// training does not finish; here it falls at every step and reaches its floor
/// at the last one.
#ifndef TRANSECT_LAUNCH_TRAINING_LR_SCHEDULE_H_
#define TRANSECT_LAUNCH_TRAINING_LR_SCHEDULE_H_

#include <cstdint>

#include "experiments/training/training.pb.h"

namespace transect {

/// Learning rate of `step`, 0 to steps - 1, with W warm-up steps, peak rate
/// `peak`, start fraction a and final fraction b:
///
///   step < W    peak (a + (1 - a) step / (W - 1)); peak itself if W is 1
///   step >= W   peak (b + (1 - b) (1 + cos(pi t)) / 2),
///               t = (step - W) / (steps - 1 - W); t is 0 if only one step is
///               left after the warm-up
///
/// So steps W - 1 and W have exactly the peak and step `steps - 1` has exactly
/// peak b, where there are such steps. Pure.
double LearningRate(const ScheduleSpec& schedule, double peak, int64_t steps,
                    int64_t step);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_LR_SCHEDULE_H_
