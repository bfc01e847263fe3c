#include "model/layers/mlp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "model/base/table.h"
#include "tests/model/testing/tensor_near.h"

namespace transect {
namespace {

TEST(Activate, KnowsThePublishedNonLinearities) {
  const at::Tensor x = torch::tensor({-1.0, 0.0, 2.0}, torch::kDouble);
  // x Phi(x), and its approximation by tanh, from their definitions.
  EXPECT_THAT(
      Activate(x, Activation::kGelu),
      TensorNear(torch::tensor({-0.15865525, 0.0, 1.95449974}, torch::kDouble),
                 1e-8));
  EXPECT_THAT(
      Activate(x, Activation::kGeluTanh),
      TensorNear(torch::tensor({-0.15880801, 0.0, 1.95459769}, torch::kDouble),
                 1e-8));
  EXPECT_THAT(Activate(x, Activation::kRelu),
              TensorNear(torch::tensor({0.0, 0.0, 2.0}, torch::kDouble), 0.0));
}

TEST(Mlp, NamesItsLayersAsTheCheckpointDoes) {
  const Mlp mlp(MlpImpl::Options{.width = 3,
                                 .inner = 5,
                                 .activation = Activation::kRelu,
                                 .first = "lin1",
                                 .second = "lin2"});
  EXPECT_THAT(mlp->named_parameters().keys(),
              testing::ElementsAre("lin1.weight", "lin1.bias", "lin2.weight",
                                   "lin2.bias"));
  EXPECT_EQ(mlp->named_parameters()["lin1.weight"].sizes(),
            at::IntArrayRef({5, 3}));
}

TEST(Table, IsOneParameter) {
  const Table table(torch::ones({2, 3}));
  EXPECT_THAT(table->named_parameters().keys(), testing::ElementsAre("weight"));
}

}  // namespace
}  // namespace transect
