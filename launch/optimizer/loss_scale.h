/// \file
/// Dynamic loss scale for training in half precision, as DeepSpeed's
/// DynamicLossScaler counts it (Micikevicius et al., "Mixed precision
/// training", ICLR 2018). No LibTorch.
#ifndef TRANSECT_LAUNCH_OPTIMIZER_LOSS_SCALE_H_
#define TRANSECT_LAUNCH_OPTIMIZER_LOSS_SCALE_H_

#include <cstdint>

#include "experiments/training/training.pb.h"

namespace transect {

class LossScale {
 public:
  /// `spec` is resolved and valid (experiments/training/training.proto).
  explicit LossScale(const LossScaleSpec& spec);

  /// What changes.
  struct State {
    double scale = 0;
    int64_t patience = 0;    ///< overflows until one halves the scale
    int64_t good_steps = 0;  ///< since the last overflow or growth
  };
  const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

  /// The factor for the loss of the next step. A power of two if `initial` and
  /// `minimum` are, so that scaling rounds nothing.
  double scale() const { return state_.scale; }

  /// Whether the scale can still fall; if so, an overflow is not an error.
  bool CanFall() const { return state_.scale > spec_.minimum(); }

  /// To be called after each step; `overflow`: its gradients were not finite.
  /// The scale halves, not below `minimum`, at the `hysteresis`-th overflow
  /// since it last grew and at each one after it, and doubles after
  /// `growth_interval` steps without overflow.
  void Update(bool overflow);

 private:
  const LossScaleSpec spec_;
  State state_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_OPTIMIZER_LOSS_SCALE_H_
