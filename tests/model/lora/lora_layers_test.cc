#include "model/lora/lora_layers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <memory>

#include "tests/model/testing/tensor_near.h"

namespace transect {
namespace {

LoraSpec MakeSpec(double dropout) {
  LoraSpec spec;
  spec.set_rank(2);
  spec.set_alpha(3);
  spec.set_dropout(dropout);
  return spec;
}

std::shared_ptr<DropoutKey> MakeKey() {
  auto key = std::make_shared<DropoutKey>();
  key->sample_ids = {1, 2};
  return key;
}

void Randomize(torch::nn::Module& module) {
  torch::manual_seed(1);
  const torch::NoGradGuard no_grad;
  for (const at::Tensor& parameter : module.parameters()) parameter.normal_();
}

TEST(Linear, AddsTheScaledFactorsToItsWeight) {
  Linear layer(5, 4);
  layer->AttachLora(MakeSpec(0), "m", MakeKey());
  Randomize(*layer);
  const auto p = layer->named_parameters();
  const at::Tensor merged =
      p["weight"] + p["lora_B.weight"].matmul(p["lora_A.weight"]) * (3.0 / 2);
  const at::Tensor x = torch::randn({2, 3, 5});
  EXPECT_THAT(layer->forward(x),
              TensorNear(at::linear(x, merged, p["bias"]), 1e-5));
}

TEST(Linear, DropsTheInputOfTheAdapterAloneAndOnlyInTraining) {
  Linear layer(5, 4);
  layer->AttachLora(MakeSpec(0.5), "m", MakeKey());
  Randomize(*layer);
  const auto p = layer->named_parameters();
  const at::Tensor x = torch::randn({2, 3, 5});
  const at::Tensor mask =
      ApplyDropout(MakeDropoutDraws(*MakeKey(), "m", 0.5), torch::ones_like(x))
          .ne(0);
  const auto with_input = [&](const at::Tensor& input) {
    return at::linear(x, p["weight"], p["bias"]) +
           at::linear(at::linear(input, p["lora_A.weight"]),
                      p["lora_B.weight"]) *
               1.5;
  };
  EXPECT_THAT(layer->forward(x), TensorNear(with_input(x * mask * 2), 1e-5));
  layer->eval();
  EXPECT_THAT(layer->forward(x), TensorNear(with_input(x), 1e-5));
}

TEST(Linear, TakesNoSecondAdapter) {
  Linear layer(5, 4);
  layer->AttachLora(MakeSpec(0), "m", MakeKey());
  EXPECT_THROW(layer->AttachLora(MakeSpec(0), "m", MakeKey()), c10::Error);
}

// A weight in half precision rounds a small adapter away, and then is not
// merged; one that changes the weight as much as it is survives.
TEST(Linear, MergesWhatItsTypeHolds) {
  const at::Tensor x = torch::randn({8, 32});
  const auto merges = [&x](at::ScalarType type, double size) {
    Linear layer(32, 32);
    layer->AttachLora(MakeSpec(0), "m", MakeKey());
    Randomize(*layer);
    const torch::NoGradGuard no_grad;
    const auto p = layer->named_parameters();
    p["lora_B.weight"].mul_(size);
    p["weight"].set_data(p["weight"].to(type));
    layer->eval();
    const at::Tensor apart = layer->forward(x.to(type)).to(at::kFloat);
    const bool merged = layer->Merge();
    const at::Tensor together = layer->forward(x.to(type)).to(at::kFloat);
    EXPECT_THAT(together, TensorNear(apart, type == at::kFloat ? 1e-4 : 1));
    EXPECT_TRUE(merged || together.equal(apart));
    layer->Unmerge();
    EXPECT_TRUE(layer->forward(x.to(type)).to(at::kFloat).equal(apart));
    return merged;
  };
  EXPECT_TRUE(merges(at::kFloat, 1));
  EXPECT_TRUE(merges(at::kFloat, 1e-3));
  EXPECT_TRUE(merges(at::kFloat, 0));
  EXPECT_TRUE(merges(at::kBFloat16, 1));
  EXPECT_FALSE(merges(at::kBFloat16, 1e-2));
  EXPECT_TRUE(merges(at::kBFloat16, 0)) << "nothing to lose";
}

TEST(Linear, MergesNoValueThatIsNotFinite) {
  Linear layer(5, 4);
  EXPECT_FALSE(layer->Merge()) << "there is no adapter";
  layer->AttachLora(MakeSpec(0), "m", MakeKey());
  Randomize(*layer);
  const torch::NoGradGuard no_grad;
  layer->named_parameters()["lora_B.weight"].fill_(INFINITY);
  EXPECT_FALSE(layer->Merge());
}

TEST(Conv2d, MergesTheAdapterIntoTheKernel) {
  Conv2d layer(
      Conv2dImpl::Options{.in = 4, .out = 6, .kernel = 3, .padding = 1});
  layer->AttachLora(MakeSpec(0), "m", MakeKey());
  Randomize(*layer);
  layer->eval();
  const torch::NoGradGuard no_grad;
  const at::Tensor x = torch::randn({2, 4, 5, 7});
  const at::Tensor apart = layer->forward(x);
  ASSERT_TRUE(layer->Merge());
  const at::Tensor together = layer->forward(x);
  EXPECT_FALSE(together.equal(apart));
  EXPECT_THAT(together, TensorNear(apart, 1e-4));
}

TEST(Conv2d, AddsTheScaledFactorsAsPeftMergesThem) {
  for (const int64_t kernel : {1, 3}) {
    Conv2d layer(Conv2dImpl::Options{.in = 4,
                                     .out = 6,
                                     .kernel = kernel,
                                     .padding = kernel / 2,
                                     .bias = false});
    layer->AttachLora(MakeSpec(0), "m", MakeKey());
    Randomize(*layer);
    const auto p = layer->named_parameters();
    // PEFT's get_delta_weight of a k x k convolution.
    const at::Tensor delta =
        at::conv2d(p["lora_A.weight"].transpose(0, 1), p["lora_B.weight"])
            .transpose(0, 1);
    const at::Tensor x = torch::randn({2, 4, 5, 7});
    EXPECT_THAT(
        layer->forward(x),
        TensorNear(at::conv2d(x, p["weight"] + delta * 1.5, {}, 1, kernel / 2),
                   1e-4));
  }
}

TEST(Conv2d, OverPatchesEqualsTheConvolutionAndLeavesRemaindersOut) {
  Conv2d layer(
      Conv2dImpl::Options{.in = 3, .out = 5, .kernel = 4, .stride = 4});
  Randomize(*layer);
  const auto p = layer->named_parameters();
  const at::Tensor x = torch::randn({2, 3, 10, 13});
  const at::Tensor y = layer->forward(x);
  EXPECT_EQ(y.sizes(), at::IntArrayRef({2, 5, 2, 3}));
  EXPECT_THAT(y, TensorNear(at::conv2d(x, p["weight"], p["bias"], 4), 1e-4));
}

}  // namespace
}  // namespace transect
