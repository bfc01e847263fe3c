/// \file
/// Which validation of a training is the best, and how long ago it was. No
/// LibTorch.
#ifndef TRANSECT_LAUNCH_TRAINING_BEST_SO_FAR_H_
#define TRANSECT_LAUNCH_TRAINING_BEST_SO_FAR_H_

#include <cstdint>

namespace transect {

/// All ranks hold the same. A value.
struct BestSoFar {
  /// Steps that were done at the best validation; 0 before the first one.
  int64_t step = 0;
  /// What it scored, 0 to 1.
  double metric = 0;
  /// Validations after it.
  int64_t since = 0;

  /// Counts the validation after `steps` steps, 1 or more, which scored
  /// `value`. Returns whether it is better than all before it; one that is
  /// equal to the best is not.
  bool Add(int64_t steps, double value);
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_BEST_SO_FAR_H_
