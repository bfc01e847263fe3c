// TensorNear(expected, tolerance): the same shape, and no element further away
// than `tolerance`. A failure names the largest error and the first place.
#ifndef TRANSECT_TESTS_MODEL_TESTING_TENSOR_NEAR_H_
#define TRANSECT_TESTS_MODEL_TESTING_TENSOR_NEAR_H_

#include <ATen/core/Tensor.h>
#include <gmock/gmock.h>

namespace transect {

MATCHER_P2(TensorNear, expected, tolerance, "") {
  if (arg.sizes() != expected.sizes()) {
    *result_listener << "whose shape is " << arg.sizes() << " instead of "
                     << expected.sizes();
    return false;
  }
  const at::Tensor error =
      (arg.to(at::kDouble) - expected.to(at::kDouble)).abs();
  // A NaN is not near anything.
  const at::Tensor far = error.le(tolerance).logical_not();
  if (!far.any().template item<bool>()) return true;
  *result_listener << "whose largest error is "
                   << error.max().template item<double>() << ", first at "
                   << far.nonzero()[0];
  return false;
}

}  // namespace transect

#endif  // TRANSECT_TESTS_MODEL_TESTING_TENSOR_NEAR_H_
