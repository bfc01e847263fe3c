/// \file
/// How fast a training is on a machine: from measurements of the store, else
/// from operations. launch/plan/price.h says in which order.
#ifndef TRANSECT_LAUNCH_PLAN_SPEED_H_
#define TRANSECT_LAUNCH_PLAN_SPEED_H_

#include "absl/types/span.h"
#include "launch/store/forecast.pb.h"
#include "launch/store/throughput.h"
#include "model/cost.h"

namespace transect {

/// A value and its interval.
struct Estimate {
  double low = 0;
  double value = 0;
  double high = 0;

  /// Errors of prices have common causes, so intervals add.
  Estimate& operator+=(const Estimate& other) {
    return *this = {low + other.low, value + other.value, high + other.high};
  }
  Estimate operator*(double factor) const {
    return {low * factor, value * factor, high * factor};
  }
  Estimate operator*(const Estimate& other) const {
    return {low * other.low, value * other.value, high * other.high};
  }
};

/// How far a guess may be off, as a factor either way.
inline constexpr double kGuessFactor = 4;

/// `value`, off by no more than `factor` either way.
Estimate Within(double value, double factor);

/// Operations of a step, at least 1.
double StepFlops(const TrainingWork& work);

/// Seconds of a step, of a forward pass over an evaluated item, and of all
/// else.
struct Speed {
  Estimate step;
  PriceBasis::Value step_basis = PriceBasis::GUESS;
  Estimate pass;
  PriceBasis::Value pass_basis = PriceBasis::GUESS;
  Estimate other;
  /// What finished runs of the same work measured; null without any.
  const Throughput* same = nullptr;
};

/// The speed of `work`, of a model of that cost, which is trained or only
/// evaluated. `throughputs` outlives the result.
Speed SpeedOf(const TrainingWork& work, const ModelCost& cost, bool train,
              absl::Span<const Throughput> throughputs);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_SPEED_H_
