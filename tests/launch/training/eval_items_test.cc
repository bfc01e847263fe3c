#include "launch/training/eval_items.h"

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "data/index/dataset_index.h"
#include "data/masks/rle.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/metric_log.pb.h"
#include "tests/testing/proto_matchers.h"

namespace transect {
namespace {

using Mask = std::vector<uint8_t>;

std::set<std::pair<int64_t, int64_t>> AllBatches(int64_t items, int64_t batch,
                                                 int ranks) {
  std::set<std::pair<int64_t, int64_t>> all;
  for (int rank = 0; rank < ranks; ++rank) {
    for (const ItemRange& range : EvalBatches(items, batch, rank, ranks)) {
      EXPECT_TRUE(all.emplace(range.begin, range.end).second);
    }
  }
  return all;
}

TEST(EvalBatches, AreTheSameForAnyNumberOfRanks) {
  const std::set<std::pair<int64_t, int64_t>> expected = {
      {0, 4}, {4, 8}, {8, 10}};
  for (const int ranks : {1, 2, 3, 4, 7}) {
    EXPECT_EQ(AllBatches(10, 4, ranks), expected) << ranks;
  }
}

TEST(EvalBatches, GoRoundTheRanks) {
  const std::vector<ItemRange> second = EvalBatches(21, 4, 1, 2);
  ASSERT_EQ(second.size(), 3u);
  EXPECT_EQ(second[0].begin, 4);
  EXPECT_EQ(second[1].begin, 12);
  EXPECT_EQ(second[2].begin, 20);
  EXPECT_EQ(second[2].end, 21);
}

TEST(PermutedItems, IsOneCycleThroughAllItems) {
  for (const int64_t items : {2, 3, 40, 401}) {
    const std::vector<int64_t> permuted = PermutedItems(items);
    int64_t at = 0;
    for (int64_t i = 0; i < items - 1; ++i) {
      at = permuted[at];
      EXPECT_NE(at, 0) << items;
    }
    EXPECT_EQ(permuted[at], 0) << items;
  }
}

TEST(PermutedItems, IsTheSameEveryTime) {
  EXPECT_EQ(PermutedItems(100), PermutedItems(100));
}

TEST(CountPixels, CountsBothAndEither) {
  EXPECT_THAT(CountPixels(Mask{1, 1, 0, 0, 255}, Mask{1, 0, 1, 0, 1}),
              EqualsProto("intersection: 2 union: 4"));
  EXPECT_THAT(CountPixels(Mask{0, 0}, Mask{0, 0}),
              EqualsProto("intersection: 0 union: 0"));
}

Sample MakeSample() {
  Sample sample;
  sample.id = 17;
  sample.category_id = 3;
  sample.split = "val";
  sample.mask = RleFromMask(Mask{1, 1, 0, 0, 0, 0, 0, 0}, 2, 4);
  return sample;
}

TEST(MakeEvalItem, SaysNothingAboutObjectsThatAreNotKnown) {
  EXPECT_THAT(MakeEvalItem(MakeSample(), Mask{0, 1, 1, 0, 0, 0, 0, 0}),
              EqualsProto(R"pb(split: "val"
                               item_id: 17
                               category_id: 3
                               prediction { intersection: 1 union: 3 })pb"));
}

TEST(MakeEvalItem, ComparesWithAllObjectsAndTheWorstDistractor) {
  Sample sample = MakeSample();
  sample.objects_known = true;
  sample.others.push_back({3, RleFromMask(Mask{0, 0, 0, 1, 0, 0, 0, 0}, 2, 4)});
  sample.others.push_back({3, RleFromMask(Mask{0, 0, 1, 0, 0, 0, 1, 0}, 2, 4)});
  sample.others.push_back({5, RleFromMask(Mask{0, 0, 0, 0, 1, 0, 0, 0}, 2, 4)});
  EXPECT_THAT(MakeEvalItem(sample, Mask{0, 1, 1, 0, 0, 0, 0, 0}),
              EqualsProto(R"pb(split: "val"
                               item_id: 17
                               category_id: 3
                               prediction { intersection: 1 union: 3 }
                               all_objects { intersection: 2 union: 6 }
                               distractor { intersection: 1 union: 3 }
                               objects: 4)pb"));
}

TEST(MakeEvalItem, HasADistractorEvenWhereNothingOverlaps) {
  Sample sample = MakeSample();
  sample.objects_known = true;
  sample.others.push_back({3, RleFromMask(Mask{0, 0, 0, 0, 0, 0, 0, 1}, 2, 4)});
  const EvalItem item = MakeEvalItem(sample, Mask{1, 1, 0, 0, 0, 0, 0, 0});
  EXPECT_THAT(item.distractor(), EqualsProto("intersection: 0 union: 3"));
}

TEST(MakePredictedMask, IsTheMaskInRunLengths) {
  // Column by column: 0 1, 1 1, 1 0, 0 0.
  EXPECT_THAT(MakePredictedMask(MakeSample(), Mask{0, 1, 1, 0, 1, 1, 0, 0}),
              EqualsProto(R"pb(split: "val"
                               item_id: 17
                               category_id: 3
                               height: 2
                               width: 4
                               counts: "143")pb"));
}

}  // namespace
}  // namespace transect
