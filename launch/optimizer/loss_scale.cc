#include "launch/optimizer/loss_scale.h"

#include <algorithm>

namespace transect {

LossScale::LossScale(const LossScaleSpec& spec)
    : spec_(spec),
      state_{.scale = spec.initial(), .patience = spec.hysteresis()} {}

void LossScale::Update(bool overflow) {
  if (overflow) {
    state_.good_steps = 0;
    if (state_.patience > 1) {
      --state_.patience;
    } else {
      state_.scale = std::max(state_.scale / 2, spec_.minimum());
    }
    return;
  }
  if (++state_.good_steps < spec_.growth_interval()) return;
  state_.good_steps = 0;
  state_.patience = spec_.hysteresis();
  // fp32 holds no more.
  constexpr double kMost = 16777216;
  state_.scale = std::min(state_.scale * 2, kMost);
}

}  // namespace transect
