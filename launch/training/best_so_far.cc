#include "launch/training/best_so_far.h"

#include <cstdint>

namespace transect {

bool BestSoFar::Add(int64_t steps, double value) {
  if (step > 0 && value <= metric) {
    ++since;
    return false;
  }
  *this = {.step = steps, .metric = value, .since = 0};
  return true;
}

}  // namespace transect
