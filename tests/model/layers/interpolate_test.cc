#include "model/layers/interpolate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "tests/model/testing/tensor_near.h"

namespace transect {
namespace {

TEST(ResizeBilinear, EqualsInterpolationWithoutAlignedCorners) {
  torch::manual_seed(1);
  for (const auto& [from, to] : {std::pair<int64_t, int64_t>{27, 256},
                                 {64, 48},
                                 {5, 5},
                                 {1, 7},
                                 {9, 4}}) {
    const at::Tensor map = torch::rand({2, 1, from, from + 3});
    EXPECT_THAT(
        ResizeBilinear(map, to, to + 2),
        TensorNear(at::upsample_bilinear2d(map, {to, to + 2}, false), 1e-5))
        << from << " to " << to;
  }
}

TEST(ResizeBilinear, HasTheTransposeAsGradient) {
  const at::Tensor map = torch::rand({1, 1, 3, 3}, torch::requires_grad());
  const at::Tensor weights = torch::rand({1, 1, 7, 7});
  (ResizeBilinear(map, 7, 7) * weights).sum().backward();
  const at::Tensor matrix = BilinearMatrix(7, 3);
  EXPECT_THAT(
      map.grad(),
      TensorNear(at::matmul(at::matmul(matrix.t(), weights), matrix), 1e-5));
}

TEST(ResizeArea, EqualsPoolingWhereCellsAreWhole) {
  const at::Tensor map = torch::rand({2, 1, 12, 12});
  EXPECT_THAT(ResizeArea(map, 4, 3),
              TensorNear(at::avg_pool2d(map, {3, 4}), 1e-6));
}

TEST(ResizeArea, CountsCutElementsByTheirPart) {
  EXPECT_THAT(AreaMatrix(2, 3),
              TensorNear(torch::tensor({{2 / 3.0, 1 / 3.0, 0.0},
                                        {0.0, 1 / 3.0, 2 / 3.0}}),
                         1e-6));
  EXPECT_THAT(AreaMatrix(6, 64).sum(1), TensorNear(torch::ones({6}), 1e-6));
}

}  // namespace
}  // namespace transect
