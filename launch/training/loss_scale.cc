#include "launch/training/loss_scale.h"

#include <algorithm>

namespace transect {

LossScale::LossScale(const LossScaleSpec& spec)
    : spec_(spec), scale_(spec.initial()), patience_(spec.hysteresis()) {}

void LossScale::Update(bool overflow) {
  if (overflow) {
    good_steps_ = 0;
    if (patience_ > 1) {
      --patience_;
    } else {
      scale_ = std::max(scale_ / 2, spec_.minimum());
    }
    return;
  }
  if (++good_steps_ < spec_.growth_interval()) return;
  good_steps_ = 0;
  patience_ = spec_.hysteresis();
  // fp32 holds no more.
  constexpr double kMost = 16777216;
  scale_ = std::min(scale_ * 2, kMost);
}

}  // namespace transect
