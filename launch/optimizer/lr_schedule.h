/// \file
/// Learning rate over time: `ScheduleSpec`
/// (experiments/training/training.proto) in, the rate of one step out.
///
/// COSINE_PER_EPOCH is the schedule of RSRefSeg's released code, MMEngine's
/// LinearLR by the iteration and then its CosineAnnealingLR by the epoch
/// (MMEngine 0.10.7; both are PyTorch's). COSINE_PER_STEP has the same warm-up;
/// its cosine falls at every step and reaches the floor at the last one.
#ifndef TRANSECT_LAUNCH_OPTIMIZER_LR_SCHEDULE_H_
#define TRANSECT_LAUNCH_OPTIMIZER_LR_SCHEDULE_H_

#include <cstdint>

#include "experiments/training/train_length.h"
#include "experiments/training/training.pb.h"

namespace transect {

/// Learning rate of `step`, 0 to N - 1, of a training of N steps of which the
/// first W warm up (`length`), with peak rate `peak`, start fraction a and
/// final fraction b:
///
///   step < W    peak (a + (1 - a) step / (W - 1)); peak itself if W is 1
///   step >= W   peak (b + (1 - b) (1 + cos(pi t)) / 2)
///
/// with, under COSINE_PER_STEP,
///
///   t = (step - W) / (N - 1 - W); 0 if only one step is left after the warm-up
///
/// so that steps W - 1 and W have exactly the peak and step N - 1 has exactly
/// peak b, where there are such steps; and under COSINE_PER_EPOCH, with e(s)
/// the epoch of the first sample of step s,
///
///   t = min(1, (e(step) - e(W)) / cosine_epochs).
///
/// Departure: PyTorch's cosine rises again after T_max epochs. The released
/// code never gets there: 195 of its 200 epochs are left after the warm-up.
/// Pure.
double LearningRate(const ScheduleSpec& schedule, double peak,
                    const TrainLength& length, int64_t step);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_OPTIMIZER_LR_SCHEDULE_H_
