#include "model/postprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "tests/model/testing/tensor_near.h"

namespace transect {
namespace {

TEST(ResizeLogits, GoesThroughTheInputSize) {
  torch::manual_seed(1);
  const at::Tensor logits = torch::randn({2, 1, 8, 8});
  const at::Tensor expected = at::upsample_bilinear2d(
      at::upsample_bilinear2d(logits, {32, 32}, false), {20, 28}, false);
  EXPECT_THAT(ResizeLogits(logits, 32, 20, 28), TensorNear(expected, 1e-5));
  EXPECT_THAT(ResizeLogits(logits[1], 32, 20, 28),
              TensorNear(expected[1], 1e-5));
  // One step is something else.
  EXPECT_GT((at::upsample_bilinear2d(logits, {20, 28}, false) - expected)
                .abs()
                .max()
                .item<double>(),
            1e-2);
}

}  // namespace
}  // namespace transect
