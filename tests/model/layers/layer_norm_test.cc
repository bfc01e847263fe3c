#include "model/layers/layer_norm.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "tests/model/testing/tensor_near.h"

namespace transect {
namespace {

LayerNorm RandomNorm(double eps) {
  torch::manual_seed(1);
  LayerNorm norm(6, eps);
  const torch::NoGradGuard no_grad;
  for (at::Tensor& parameter : norm->parameters()) parameter.normal_();
  return norm;
}

TEST(LayerNorm, NormalizesTheLastAxis) {
  LayerNorm norm = RandomNorm(0.1);
  const at::Tensor x = torch::randn({2, 3, 6});
  const at::Tensor centered = x - x.mean(-1, true);
  const at::Tensor variance = centered.square().mean(-1, true);
  const auto parameters = norm->named_parameters();
  EXPECT_THAT(norm->forward(x), TensorNear(centered / (variance + 0.1).sqrt() *
                                                   parameters["weight"] +
                                               parameters["bias"],
                                           1e-6));
}

TEST(LayerNorm, GivesHalfPrecisionInputsItsMastersAndTakesTheirGradients) {
  LayerNorm norm = RandomNorm(1e-6);
  // A mean that bf16 could not subtract.
  const at::Tensor x = (torch::randn({4, 6}) + 100).to(torch::kBFloat16);
  const at::Tensor y = norm->forward(x);
  EXPECT_EQ(y.scalar_type(), torch::kBFloat16);
  EXPECT_THAT(y.to(torch::kFloat),
              TensorNear(norm->forward(x.to(torch::kFloat)), 0.02));
  y.sum().backward();
  EXPECT_EQ(norm->named_parameters()["weight"].grad().scalar_type(),
            torch::kFloat);
}

}  // namespace
}  // namespace transect
