#include "launch/evaluation/eval_items.h"

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "data/index/dataset_index.h"
#include "data/masks/rle.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/metric_log.pb.h"
#include "tests/testing/proto_matchers.h"

namespace transect {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;

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

// Items with sentences "0", "1", ... of the given categories, each of an image
// of its own.
std::vector<Sample> SamplesOf(const std::vector<int>& categories) {
  std::vector<Sample> samples;
  for (const int category : categories) {
    Sample& sample = samples.emplace_back();
    sample.id = static_cast<int64_t>(samples.size());
    sample.category_id = category;
    sample.sentence = absl::StrCat(samples.size() - 1);
    sample.image_path = absl::StrCat("image", samples.size());
    sample.mask = RleFromMask(Mask{1, 0, 0, 0}, 2, 2);
  }
  return samples;
}

TEST(PermutedSentences, AreThoseOfThePermutedItems) {
  const std::vector<int64_t> permuted = PermutedItems(40);
  const std::vector<std::string> sentences =
      PermutedSentences(SamplesOf(std::vector<int>(40, 3)));
  for (size_t i = 0; i < 40; ++i) {
    EXPECT_EQ(sentences[i], absl::StrCat(permuted[i]));
  }
  EXPECT_THAT(PermutedSentences(SamplesOf({3})), ElementsAre(""));
}

TEST(SentencesWithinCategory, AreOneCycleInEachCategory) {
  std::vector<int> categories;
  for (int i = 0; i < 60; ++i) {
    categories.push_back(i % 7 == 0 ? 5 : 2);
  }
  categories.push_back(9);   // Alone in its category.
  categories.push_back(-1);  // Unknown.
  categories.push_back(-1);
  const std::vector<std::string> sentences =
      SentencesWithinCategory(SamplesOf(categories));
  std::set<std::string> used;
  for (size_t i = 0; i < 60; ++i) {
    int64_t other = 0;
    ASSERT_TRUE(absl::SimpleAtoi(sentences[i], &other)) << i;
    EXPECT_NE(other, static_cast<int64_t>(i));
    EXPECT_EQ(categories[other], categories[i]) << i;
    EXPECT_TRUE(used.insert(sentences[i]).second) << "each is used once";
  }
  for (size_t i = 60; i < 63; ++i) {
    EXPECT_EQ(sentences[i], "") << i;
  }
  EXPECT_EQ(SentencesWithinCategory(SamplesOf(categories)), sentences);
}

TEST(OtherObjectSentences, ComeFromItemsOfTheImageWithAnotherMask) {
  std::vector<Sample> samples = SamplesOf({3, 3, 3, 3});
  for (int i = 0; i < 3; ++i) {
    samples[i].image_path = "shared";
  }
  // The first two say the same of one object in other words.
  samples[2].mask = RleFromMask(Mask{0, 1, 0, 0}, 2, 2);
  const std::vector<std::string> sentences = OtherObjectSentences(samples);
  EXPECT_EQ(sentences[0], "2");
  EXPECT_EQ(sentences[1], "2");
  EXPECT_THAT(sentences[2], AnyOf("0", "1"));
  EXPECT_EQ(sentences[3], "") << "nothing else is known of its image";
}

TEST(OtherObjectSentences, NameAnotherObjectThatIsUniqueInTheScene) {
  std::vector<Sample> samples = SamplesOf(std::vector<int>(30, 8));
  const Rle mask = RleFromMask(Mask{0, 1, 0, 0}, 2, 2);
  for (Sample& sample : samples) {
    sample.objects_known = true;
    // Another dam, two ships, a windmill and a storage tank.
    for (const int category : {8, 13, 13, 19, 15}) {
      sample.others.push_back({category, mask});
    }
  }
  samples[29].others.resize(3);
  const std::vector<std::string> sentences = OtherObjectSentences(samples);
  EXPECT_EQ(sentences[29], "") << "only dams and ships";
  const std::set<std::string> used(sentences.begin(), sentences.end() - 1);
  EXPECT_THAT(used, ElementsAre("The storage tank", "The windmill"));
  EXPECT_EQ(OtherObjectSentences(samples), sentences);
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
                               prediction { intersection: 1 union: 3 }
                               target_area: 2
                               image_pixels: 8
                               sentence_parts: ONLY_CATEGORY)pb"));
}

TEST(MakeEvalItem, SaysWhatItsOwnSentenceSays) {
  Sample sample = MakeSample();
  sample.sentence = "The small red ship above the bridge on the left";
  const Mask predicted = {0, 1, 1, 0, 0, 0, 0, 0};
  EXPECT_THAT(MakeEvalItem(sample, predicted).sentence_parts(),
              ElementsAre(EvalItem::COLOR, EvalItem::SIZE, EvalItem::POSITION,
                          EvalItem::RELATION));
  sample.sentence = kConstantSentence;
  EXPECT_THAT(MakeEvalItem(sample, predicted).sentence_parts(),
              ::testing::IsEmpty());
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
                               objects: 4
                               category_objects: 3
                               target_area: 2
                               image_pixels: 8
                               sentence_parts: ONLY_CATEGORY)pb"));
}

// The small one shares 1 of 2 pixels with the prediction, the large one 2 of 6.
TEST(MakeEvalItem, TheWorstDistractorIsTheOneOfTheHighestIou) {
  Sample sample = MakeSample();
  sample.objects_known = true;
  sample.others.push_back({3, RleFromMask(Mask{0, 0, 1, 1, 1, 1, 1, 1}, 2, 4)});
  sample.others.push_back({3, RleFromMask(Mask{0, 0, 1, 0, 0, 0, 0, 0}, 2, 4)});
  const EvalItem item = MakeEvalItem(sample, Mask{0, 0, 1, 1, 0, 0, 0, 0});
  EXPECT_THAT(item.distractor(), EqualsProto("intersection: 1 union: 2"));
  EXPECT_EQ(item.category_objects(), 3);
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
