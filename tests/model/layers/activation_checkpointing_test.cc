#include "model/layers/activation_checkpointing.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace transect {
namespace {

// tanh(x w), which counts its calls.
struct Block : torch::nn::Module {
  Block() {
    torch::manual_seed(1);
    weight = register_parameter("weight", torch::randn({3, 3}));
  }
  at::Tensor forward(const at::Tensor& x) {
    ++calls;
    return at::tanh(at::matmul(x, weight));
  }
  at::Tensor weight;
  int calls = 0;
};

at::Tensor RunBlock(Block& block, const at::Tensor& x) {
  return CheckpointActivations(
      block, x, [&block](const at::Tensor& in) { return block.forward(in); });
}

TEST(CheckpointActivations, GivesTheBitsOfThePlainBlock) {
  Block block;
  const at::Tensor plain_x = torch::randn({2, 3}).requires_grad_(true);
  const at::Tensor plain = block.forward(plain_x);
  plain.square().sum().backward();
  const at::Tensor weight_gradient = block.weight.grad().clone();
  block.weight.grad().zero_();
  block.calls = 0;

  const at::Tensor x = plain_x.detach().requires_grad_(true);
  const at::Tensor y = RunBlock(block, x);
  EXPECT_EQ(block.calls, 1);
  EXPECT_TRUE(y.equal(plain));
  y.square().sum().backward();
  EXPECT_EQ(block.calls, 2);
  EXPECT_TRUE(x.grad().equal(plain_x.grad()));
  EXPECT_TRUE(block.weight.grad().equal(weight_gradient));
}

TEST(CheckpointActivations, TrainsABlockWhoseInputNeedsNoGradient) {
  Block block;
  RunBlock(block, torch::randn({2, 3})).sum().backward();
  EXPECT_TRUE(block.weight.grad().defined());
}

TEST(CheckpointActivations, RunsOnceWhereNothingNeedsAGradient) {
  Block block;
  block.weight.requires_grad_(false);
  EXPECT_FALSE(RunBlock(block, torch::randn({2, 3})).requires_grad());
  block.weight.requires_grad_(true);
  const torch::NoGradGuard no_grad;
  EXPECT_FALSE(RunBlock(block, torch::randn({2, 3})).requires_grad());
  EXPECT_EQ(block.calls, 2);
}

}  // namespace
}  // namespace transect
