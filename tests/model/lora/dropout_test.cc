#include "model/lora/dropout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "data/random/philox.h"
#include "tests/model/testing/tensor_near.h"

namespace transect {
namespace {

// Which elements are kept.
at::Tensor DropoutMask(const DropoutKey& key, absl::string_view module,
                       double probability, const at::Tensor& like) {
  return ApplyDropout(MakeDropoutDraws(key, module, probability),
                      torch::ones_like(like))
      .ne(0);
}

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

// The definition, element by element.
at::Tensor MaskByBlocks(const DropoutDraws& draws, const at::Tensor& like) {
  at::Tensor mask = at::empty(like.sizes(), at::kBool);
  bool* out = mask.data_ptr<bool>();
  const int64_t samples = draws.keys.numel();
  for (int64_t sample = 0; sample < samples; ++sample) {
    const auto packed =
        static_cast<uint64_t>(draws.keys[sample].item<int64_t>());
    const Philox::Key key = {static_cast<uint32_t>(packed),
                             static_cast<uint32_t>(packed >> 32)};
    for (int64_t i = 0; i < like.numel() / samples; ++i) {
      const Philox::Counter block =
          Philox::Block(key, {static_cast<uint32_t>(i / 8), 0, 0, 0});
      const uint32_t draw = block[i % 8 / 2] >> (16 * (i % 2)) & 0xFFFF;
      *out++ = draw >= draws.dropped;
    }
  }
  return mask;
}

TEST(DropoutMask, IsDrawnAsDefined) {
  DropoutKey key = kKey;
  key.seed = 0xFFFFFFFFFF;
  const std::vector<std::vector<int64_t>> shapes = {
      {3, 7, 5}, {6, 8}, {3, 1}, {3, 40, 100}, {3, 128}, {3, 129}};
  const DropoutDraws draws = MakeDropoutDraws(key, "a.proj", 0.3);
  for (const std::vector<int64_t>& shape : shapes) {
    const at::Tensor ones = torch::ones(shape);
    const at::Tensor mask = MaskByBlocks(draws, ones);
    EXPECT_TRUE(ApplyDropout(draws, ones).ne(0).equal(mask)) << ones.sizes();
  }
}

TEST(AddDropout, RoundsTheProductAndThenTheSum) {
  torch::manual_seed(1);
  const DropoutDraws draws = MakeDropoutDraws(kKey, "a.proj", 0.1);
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16, at::kHalf}) {
    const at::Tensor x = torch::randn({3, 50, 11}).to(type);
    at::Tensor sum = torch::randn({3, 50, 11}).to(type);
    const at::Tensor expected = sum + ApplyDropout(draws, x);
    AddDropout(draws, x, sum);
    EXPECT_TRUE(sum.equal(expected));
  }
}

TEST(ApplyDropout, KeepsTheMemoryFormat) {
  torch::manual_seed(1);
  const DropoutDraws draws = MakeDropoutDraws(kKey, "a.proj", 0.5);
  const at::Tensor x = torch::randn({3, 4, 5, 6});
  const at::Tensor last = x.contiguous(at::MemoryFormat::ChannelsLast);
  const at::Tensor dropped = ApplyDropout(draws, last);
  EXPECT_TRUE(dropped.is_contiguous(at::MemoryFormat::ChannelsLast));
  EXPECT_TRUE(dropped.equal(ApplyDropout(draws, x)));
}

TEST(ApplyDropout, LeavesAloneWhatIsNotDropped) {
  const at::Tensor x = torch::randn({5, 2});
  EXPECT_TRUE(ApplyDropout(MakeDropoutDraws(kKey, "m", 0), x).is_same(x));
  at::Tensor sum = torch::ones({5, 2});
  AddDropout({}, x, sum);
  EXPECT_TRUE(sum.equal(x + 1));
}

TEST(ApplyDropout, LetsNoInfinityVanish) {
  const DropoutDraws draws = MakeDropoutDraws(kKey, "m", 0.5);
  const at::Tensor y = ApplyDropout(draws, torch::full({3, 100}, INFINITY));
  EXPECT_FALSE(y.isfinite().any().item<bool>());
}

TEST(Dropout, ScalesWhatItKeepsAndItsGradient) {
  torch::manual_seed(1);
  const double factor = 1 / (1 - 6554 / 65536.0);
  const at::Tensor x = torch::randn({3, 100, 100}).requires_grad_(true);
  const at::Tensor mask = DropoutMask(kKey, "m", 0.1, x);
  const at::Tensor y = Dropout(MakeDropoutDraws(kKey, "m", 0.1), x);
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
      Dropout(MakeDropoutDraws(kKey, "m", 0.1), x)
          .equal((x.to(torch::kFloat) * mask * factor).to(torch::kBFloat16)));
}

TEST(DropoutMask, RefusesRowsThatAreNoWholeSamples) {
  EXPECT_THROW(DropoutMask(kKey, "m", 0.1, torch::empty({4, 5})), c10::Error);
  EXPECT_THROW(DropoutMask({}, "m", 0.1, torch::empty({4, 5})), c10::Error);
}

}  // namespace
}  // namespace transect
