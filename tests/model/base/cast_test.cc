#include "model/base/cast.h"

#include <torch/torch.h>

#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(InTypeOf, FrozenParametersAreNotCopiedAndTrainedOnesGetTheirGradient) {
  const at::Tensor x = torch::ones({2}, at::kBFloat16);
  const at::Tensor frozen = torch::ones({2}, at::kBFloat16);
  EXPECT_TRUE(InTypeOf(x, frozen).is_same(frozen));
  EXPECT_FALSE(InTypeOf(x, at::Tensor()).defined());

  const at::Tensor trained =
      torch::ones({2}, torch::TensorOptions(at::kFloat).requires_grad(true));
  const at::Tensor used = InTypeOf(x, trained);
  EXPECT_EQ(used.scalar_type(), at::kBFloat16);
  (used * x).sum().backward();
  EXPECT_EQ(trained.grad().scalar_type(), at::kFloat);
  EXPECT_EQ(trained.grad().sum().item<float>(), 2);
}

TEST(ConstantFor, IsReplacedOnceAndIndicesKeepTheirType) {
  const at::Tensor x = torch::ones({1}, at::kBFloat16);
  at::Tensor constant = torch::ones({3});
  EXPECT_EQ(ConstantFor(x, constant).scalar_type(), at::kBFloat16);
  const at::Tensor once = constant;
  EXPECT_TRUE(ConstantFor(x, constant).is_same(once));
  at::Tensor index = torch::arange(3);
  EXPECT_EQ(ConstantFor(x, index, /*keep_type=*/true).scalar_type(), at::kLong);
}

}  // namespace
}  // namespace transect
