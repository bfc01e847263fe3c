#include "launch/rank/forward.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "data/batch/batch.h"
#include "model/base/segmentation_model.h"

namespace transect {
namespace {

// A mask of `height` x `width` pixels whose first one is (x, y).
at::Tensor Mask(int64_t x, int64_t y, int64_t width, int64_t height) {
  at::Tensor mask = torch::zeros({1, 1, 8, 8});
  mask.slice(2, y, y + height).slice(3, x, x + width).fill_(1);
  return mask;
}

TEST(TrueBoxes, ReachFromTheFirstToTheLastPixel) {
  const at::Tensor boxes =
      TrueBoxes(torch::cat({Mask(2, 3, 4, 1), Mask(0, 0, 8, 8)}));
  EXPECT_TRUE(boxes.equal(
      torch::tensor({2.0f, 3.0f, 5.0f, 3.0f, 0.0f, 0.0f, 7.0f, 7.0f})
          .view({2, 4})));
}

TEST(TrueBoxes, AMaskWithoutPixelsHasNone) {
  EXPECT_THROW(TrueBoxes(Mask(0, 0, 0, 0)), c10::ValueError);
}

// Remembers what it was given.
class Watcher : public SegmentationModel {
 public:
  ModelOutput Forward(const ModelInput& input) override {
    seen = input;
    return {};
  }
  ModelInput seen;
};

class Oracle : public OracleModel {
 public:
  ModelOutput ForwardWithTruth(const ModelInput& input,
                               const GroundTruth& truth) override {
    seen = input;
    told = truth;
    return {};
  }
  ModelInput seen;
  GroundTruth told;
};

Batch SomeBatch() {
  Batch batch;
  batch.pixels = torch::randint(256, {1, 3, 8, 8}, torch::kByte);
  batch.token_ids = torch::ones({1, 2}, torch::kLong);
  batch.token_counts = torch::full({1}, 2, torch::kLong);
  batch.mask = Mask(1, 2, 3, 4).to(torch::kByte);
  batch.sample_ids = {7};
  return batch;
}

TEST(MakeModelInput, HoldsTheWholeBatch) {
  Batch batch = SomeBatch();
  ModelInput input = MakeModelInput(batch, at::kCPU, /*step=*/17);
  EXPECT_EQ(input.image.scalar_type(), at::kFloat);
  EXPECT_TRUE(input.image.equal(PixelsToFloat(batch.pixels)));
  EXPECT_FALSE(input.siglip_image.defined());
  EXPECT_TRUE(input.token_ids.equal(batch.token_ids));
  EXPECT_TRUE(input.token_counts.equal(batch.token_counts));
  EXPECT_EQ(input.sample_ids, batch.sample_ids);
  EXPECT_EQ(input.step, 17);
  batch.siglip_pixels = torch::randint(256, {1, 3, 4, 4}, torch::kByte);
  input = MakeModelInput(batch, at::kCPU);
  EXPECT_TRUE(input.siglip_image.equal(PixelsToFloat(batch.siglip_pixels)));
}

TEST(Forward, ComputesTheTruthForAnOracleOnly) {
  const ModelInput input = MakeModelInput(SomeBatch(), at::kCPU);
  Watcher watcher;
  Forward(watcher, input, []() -> GroundTruth {
    ADD_FAILURE() << "asked for the truth";
    return {};
  });
  EXPECT_TRUE(watcher.seen.image.equal(input.image));
  Oracle oracle;
  const at::Tensor boxes = torch::rand({1, 4});
  Forward(oracle, input, [&] { return GroundTruth{boxes}; });
  EXPECT_TRUE(oracle.told.boxes.equal(boxes));
}

TEST(ForwardBatch, OnlyAnOracleIsToldTheTruth) {
  const Batch batch = SomeBatch();
  Watcher watcher;
  ForwardBatch(watcher, batch, at::kCPU, /*step=*/3);
  EXPECT_TRUE(watcher.seen.image.equal(PixelsToFloat(batch.pixels)));
  EXPECT_EQ(watcher.seen.sample_ids, batch.sample_ids);
  EXPECT_EQ(watcher.seen.step, 3);

  Oracle oracle;
  ForwardBatch(oracle, batch, at::kCPU);
  EXPECT_TRUE(oracle.seen.image.equal(PixelsToFloat(batch.pixels)));
  EXPECT_TRUE(oracle.told.boxes.equal(
      torch::tensor({1.0f, 2.0f, 3.0f, 5.0f}).view({1, 4})));
}

}  // namespace
}  // namespace transect
