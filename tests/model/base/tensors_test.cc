#include "model/base/tensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/base/cost_estimate.h"
#include "model/base/spec_checker.h"
#include "model/base/tower_size.h"
#include "model/base/tuning.h"

namespace transect {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(LayerIndexTest, IsThatOfTheTowersLayers) {
  EXPECT_EQ(LayerIndex("layers.3.attn.qkv"), 3);
  EXPECT_EQ(LayerIndex("encoder.layers.12.mlp.fc1"), 12);
  EXPECT_EQ(LayerIndex("head"), -1);
  EXPECT_EQ(LayerIndex("layers.x"), -1);
}

TEST(TensorBuilderTest, FlagsApplyFromWhereTheyAreSet) {
  TensorBuilder builder;
  builder.Linear("a", 2, 3);
  builder.SetTrainable(true);
  builder.Conv("b", 2, 3, 5, /*bias=*/false);
  builder.AddStatistics("b", 3);
  builder.SetUsed(false);
  builder.Linear("c", 2, 2);
  // What is not used cannot be adapted.
  ASSERT_THAT(builder.adaptable(), SizeIs(2));
  builder.SetUsed(true);
  builder.Adapter(builder.adaptable()[1], /*rank=*/4);
  const std::vector<TensorInfo> tensors = builder.TakeTensors();
  ASSERT_THAT(tensors, SizeIs(2 + 1 + 3 + 2 + 2));
  EXPECT_FALSE(tensors[0].trainable);
  EXPECT_TRUE(tensors[2].trainable);
  EXPECT_TRUE(tensors[3].statistic && tensors[3].buffer);
  EXPECT_FALSE(tensors[3].trainable);
  EXPECT_THAT(tensors[5].shape, IsEmpty());
  EXPECT_EQ(NumElements(tensors[5]), 1);
  EXPECT_FALSE(tensors[6].used || tensors[6].trainable);
  EXPECT_TRUE(tensors[8].adapter && tensors[8].trainable);
  EXPECT_THAT(tensors[8].shape, ElementsAre(4, 2, 5, 5));
  EXPECT_THAT(tensors[9].shape, ElementsAre(3, 4, 1, 1));
}

TEST(TuningTest, AMessageWithoutOneTrainsAdapters) {
  EXPECT_EQ(TuningOfNetwork(TowerSize()), Tuning::kAdapters);
}

TEST(TowerSizeTest, SizesThatAreSetStayAndAreChecked) {
  TowerSize tower;
  tower.set_heads(5);
  FillTower(&tower, 64, 128, 2, 4);
  EXPECT_EQ(tower.heads(), 5);
  EXPECT_EQ(tower.layers(), 2);
  Problems problems;
  const SpecChecker check("spec", &problems);
  EXPECT_FALSE(CheckTower(tower, check.Below("vision")));
  EXPECT_FALSE(CheckGrid(1024, 2, check));
  ASSERT_EQ(check.num_problems(), 2u);
  EXPECT_EQ(problems.all()[0].field, "spec.vision.heads");
  EXPECT_EQ(problems.all()[1].field, "spec.patch_size");
}

// Two layers of 10 and 100 FLOP, the second adapted by a factor of 3 elements.
TEST(CostEstimateTest, GradientsPassDownToTheFirstAdapter) {
  TensorBuilder builder;
  builder.Adapter({"t.layers.1.fc", 2, 1, 0, false}, /*rank=*/1);
  const std::vector<TensorInfo> table = builder.TakeTensors();
  const CostOptions options;
  CostEstimate estimate(options, table, Tuning::kAdapters);
  TowerCost tower = {"part", "t."};
  tower.layers = 2;
  tower.below = 1;
  tower.above = 7;
  tower.flops = [](int64_t layer) {
    return Flops{layer == 0 ? 10 : 60, layer == 0 ? 0 : 40};
  };
  tower.memory = [](int64_t) { return BlockMemory{1, 10, 5, 2}; };
  estimate.AddTower(tower);
  estimate.AddAdapters("t.", [](absl::string_view module) {
    return module == "layers.1.fc" ? 4 : 1000;
  });
  const ModelCost cost =
      estimate.Finish([](const TensorInfo&) { return "none"; });
  ASSERT_THAT(cost.parts, SizeIs(2));
  EXPECT_EQ(cost.parts[0].forward_flops, 1 + 10 + 100 + 7);
  EXPECT_EQ(cost.parts[0].backward_flops, 7 + 60 + 40 * 5 / 2);
  EXPECT_EQ(cost.parts[1].name, "adapters");
  EXPECT_EQ(cost.parts[1].trainable_parameters, 3);
  EXPECT_EQ(cost.parts[1].forward_flops, 2 * 4 * 3);
  // One layer, no dropout: elements in 2 bytes, the sums in 4.
  EXPECT_EQ(cost.activation_bytes, 10 * 2 + 2 * 4);
}

}  // namespace
}  // namespace transect
