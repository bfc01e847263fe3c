#include "model/lora/dropout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cstdint>
#include <vector>

#include "tests/model/testing/tensor_near.h"

namespace transect {
namespace {

const DropoutKey kKey = {.seed = 3, .step = 5, .sample_ids = {10, 11, 12}};

TEST(DropoutMask, BelongsToTheSampleAndNotToItsPlace) {
  const at::Tensor like = torch::empty({3, 7, 5});
  const at::Tensor mask = DropoutMask(kKey, "a.proj", 0.5, like);
  DropoutKey other = kKey;
  other.sample_ids = {12, 10};
  const at::Tensor moved =
      DropoutMask(other, "a.proj", 0.5, torch::empty({2, 7, 5}));
  EXPECT_TRUE(moved[0].equal(mask[2]));
  EXPECT_TRUE(moved[1].equal(mask[0]));
  EXPECT_FALSE(mask[0].equal(mask[1]));
}

TEST(DropoutMask, DependsOnSeedStepAndModule) {
  const at::Tensor like = torch::empty({3, 40});
  const at::Tensor mask = DropoutMask(kKey, "a.proj", 0.5, like);
  EXPECT_TRUE(mask.equal(DropoutMask(kKey, "a.proj", 0.5, like)));
  EXPECT_FALSE(mask.equal(DropoutMask(kKey, "b.proj", 0.5, like)));
  DropoutKey key = kKey;
  key.step = 6;
  EXPECT_FALSE(mask.equal(DropoutMask(key, "a.proj", 0.5, like)));
  key = kKey;
  key.seed = 4;
  EXPECT_FALSE(mask.equal(DropoutMask(key, "a.proj", 0.5, like)));
}

TEST(DropoutMask, LeavesTheFirstTokensAsTheyAreWhenPadsAreAdded) {
  const at::Tensor few = DropoutMask(kKey, "m", 0.3, torch::empty({3, 4, 5}));
  const at::Tensor many = DropoutMask(kKey, "m", 0.3, torch::empty({3, 9, 5}));
  EXPECT_TRUE(many.slice(1, 0, 4).equal(few));
}

TEST(DropoutMask, TakesWindowsOfASampleTogether) {
  // Three windows for each of three samples.
  const at::Tensor windows =
      DropoutMask(kKey, "m", 0.3, torch::empty({9, 4, 5}));
  EXPECT_TRUE(
      windows.view({3, 12, 5})
          .equal(DropoutMask(kKey, "m", 0.3, torch::empty({3, 12, 5}))));
}

TEST(DropoutMask, DropsTheGivenPartAndKeepsTheMean) {
  const at::Tensor mask =
      DropoutMask(kKey, "m", 0.1, torch::empty({3, 100, 100}));
  // 30,000 draws: the standard error of the part is 0.0017.
  const double dropped = mask.eq(0).to(torch::kDouble).mean().item<double>();
  EXPECT_NEAR(dropped, 0.1, 0.007);
}

TEST(DropoutMask, HasTheSameBitsByTensorOperations) {
  DropoutKey key = kKey;
  key.seed = 0xFFFFFFFFFF;
  const std::vector<std::vector<int64_t>> shapes = {{3, 7, 5}, {6, 8}, {3, 1}};
  for (const std::vector<int64_t>& shape : shapes) {
    const at::Tensor like = torch::empty(shape);
    EXPECT_TRUE(DropoutMaskOnDevice(key, "a.proj", 0.3, like)
                    .equal(DropoutMask(key, "a.proj", 0.3, like)));
  }
}

TEST(Dropout, ScalesWhatItKeepsAndItsGradient) {
  torch::manual_seed(1);
  const double factor = 1 / (1 - 6554 / 65536.0);
  const at::Tensor x = torch::randn({3, 100, 100}).requires_grad_(true);
  const at::Tensor mask = DropoutMask(kKey, "m", 0.1, x);
  const at::Tensor y = Dropout(kKey, "m", 0.1, x);
  EXPECT_THAT(y, TensorNear(x * mask * factor, 1e-6));
  const at::Tensor gradient = torch::randn_like(y);
  y.backward(gradient);
  EXPECT_THAT(x.grad(), TensorNear(gradient * mask * factor, 1e-6));
}

TEST(Dropout, RoundsHalfPrecisionOnce) {
  torch::manual_seed(1);
  const at::Tensor x = torch::randn({3, 1000}).to(torch::kBFloat16);
  const at::Tensor mask = DropoutMask(kKey, "m", 0.1, x);
  const float factor = 65536.0f / (65536 - 6554);
  EXPECT_TRUE(
      Dropout(kKey, "m", 0.1, x)
          .equal((x.to(torch::kFloat) * mask * factor).to(torch::kBFloat16)));
}

TEST(DropoutMask, RefusesRowsThatAreNoWholeSamples) {
  EXPECT_THROW(DropoutMask(kKey, "m", 0.1, torch::empty({4, 5})), c10::Error);
  EXPECT_THROW(DropoutMask({}, "m", 0.1, torch::empty({4, 5})), c10::Error);
}

}  // namespace
}  // namespace transect
