#include "model/base/init.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <memory>

namespace transect {
namespace {

at::Tensor Drawn(const InitRule& rule, uint64_t seed, const char* name,
                 int64_t size = 20000) {
  at::Tensor tensor = torch::empty({size});
  Draw(rule, seed, name, tensor);
  return tensor;
}

TEST(InitRule, CountsFansAsPyTorchDoes) {
  EXPECT_EQ(FanIn({8, 4, 3, 3}), 36);
  EXPECT_EQ(FanOut({8, 4, 3, 3}), 72);
  EXPECT_DOUBLE_EQ(XavierUniform({8, 4}).scale, std::sqrt(6.0 / 12));
  EXPECT_DOUBLE_EQ(KaimingUniformSqrt5({8, 4, 3, 3}).scale, 1.0 / 6);
  EXPECT_DOUBLE_EQ(KaimingNormalFanOut({8, 4, 3, 3}).scale,
                   std::sqrt(2.0 / 72));
  EXPECT_THROW(FanIn({8}), c10::Error);
}

TEST(Draw, DependsOnSeedAndNameAlone) {
  const InitRule rule = {InitRule::NORMAL, 1};
  const at::Tensor drawn = Drawn(rule, 1, "a.weight");
  EXPECT_TRUE(drawn.equal(Drawn(rule, 1, "a.weight")));
  EXPECT_FALSE(drawn.equal(Drawn(rule, 2, "a.weight")));
  EXPECT_FALSE(drawn.equal(Drawn(rule, 1, "b.weight")));
}

TEST(Draw, FollowsTheDistribution) {
  // 20,000 draws: the standard error of a mean is 0.007 deviations.
  const at::Tensor uniform = Drawn({InitRule::UNIFORM, 0.5}, 1, "u");
  EXPECT_LT(uniform.abs().max().item<double>(), 0.5);
  EXPECT_NEAR(uniform.mean().item<double>(), 0, 0.01);
  EXPECT_NEAR(uniform.std().item<double>(), 0.5 / std::sqrt(3.0), 0.01);

  const at::Tensor normal = Drawn({InitRule::NORMAL, 2}, 1, "n");
  EXPECT_NEAR(normal.mean().item<double>(), 0, 0.06);
  EXPECT_NEAR(normal.std().item<double>(), 2, 0.04);
  EXPECT_GT(normal.abs().max().item<double>(), 5);

  EXPECT_TRUE(Drawn({InitRule::CONSTANT, -3}, 1, "c", 4)
                  .equal(torch::full({4}, -3.0f)));
}

TEST(Draw, GivesLecunNormalItsVarianceInsideTwoDeviations) {
  at::Tensor weight = torch::empty({200, 100});
  Draw(LecunNormal(weight.sizes()), 1, "w", weight);
  EXPECT_NEAR(weight.std().item<double>(), 0.1, 0.002);
  EXPECT_LE(weight.abs().max().item<double>(), 0.1 * 2 / 0.8796);
}

TEST(DrawInitialWeights, RefusesAParameterWithoutARule) {
  torch::nn::Module other;
  const auto strange = std::make_shared<torch::nn::Module>();
  strange->register_parameter("weight", torch::empty({3}));
  other.register_module("strange", strange);
  const auto one = [](absl::string_view, at::IntArrayRef) {
    return InitRule{InitRule::CONSTANT, 1};
  };
  EXPECT_THROW(DrawInitialWeights(other, {{"strang", one}}, 1), c10::Error);
  DrawInitialWeights(other, {{"strange", one}}, 1);
  EXPECT_TRUE(
      other.named_parameters()["strange.weight"].eq(1).all().item<bool>());
}

}  // namespace
}  // namespace transect
