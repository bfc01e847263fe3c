#include "metrics/segmentation.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Sixty double additions in another order than NumPy's differ by at most 60
// units in the last place.
constexpr double kTolerance = 60 * 2.3e-16;

nlohmann::json Golden() {
  std::ifstream file("tests/metrics/segmentation_golden.json");
  return nlohmann::json::parse(file);
}

std::vector<ItemCounts> Items(const nlohmann::json& run) {
  std::vector<ItemCounts> items;
  for (const nlohmann::json& item : run["items"]) {
    items.push_back({item[0], item[1], item[2]});
  }
  return items;
}

TEST(Score, EqualsNumpy) {
  const nlohmann::json golden = Golden();
  ASSERT_EQ(golden["runs"].size(), 3);
  for (const nlohmann::json& run : golden["runs"]) {
    ASSERT_OK_AND_ASSIGN(const SegmentationScores scores, Score(Items(run)));
    EXPECT_EQ(scores.items, 60);
    for (size_t t = 0; t < 5; ++t) {
      EXPECT_EQ(scores.pr[t], run["scores"]["pr"][t].get<double>());
    }
    EXPECT_EQ(scores.ciou, run["scores"]["ciou"].get<double>());
    EXPECT_NEAR(scores.giou, run["scores"]["giou"].get<double>(), kTolerance);
  }
}

ScoreRules Rules(bool ties_count, ScoreRules::EmptyUnion empty_union) {
  return {.ties_count = ties_count, .empty_union = empty_union};
}

TEST(Score, OfEveryRuleEqualsNumpy) {
  using enum ScoreRules::EmptyUnion;
  const nlohmann::json golden = Golden();
  const std::pair<const char*, ScoreRules> variants[] = {
      {"above one", Rules(false, kOne)},
      {"above zero", Rules(false, kZero)},
      {"above left out", Rules(false, kLeftOut)},
      {"at least one", Rules(true, kOne)},
      {"at least zero", Rules(true, kZero)},
      {"at least left out", Rules(true, kLeftOut)}};
  for (const nlohmann::json& run : golden["runs"]) {
    for (const auto& [name, rules] : variants) {
      SCOPED_TRACE(name);
      const nlohmann::json& wanted = run["variants"][name];
      ASSERT_OK_AND_ASSIGN(const SegmentationScores scores,
                           Score(Items(run), rules));
      EXPECT_EQ(scores.items, wanted["items"].get<int64_t>());
      for (size_t t = 0; t < 5; ++t) {
        EXPECT_EQ(scores.pr[t], wanted["pr"][t].get<double>());
      }
      EXPECT_EQ(scores.ciou, wanted["ciou"].get<double>());
      EXPECT_NEAR(scores.giou, wanted["giou"].get<double>(), kTolerance);
    }
    // Each rule shows: the golden items have a tie and an empty union.
    EXPECT_LT(run["variants"]["above one"]["pr"][0],
              run["variants"]["at least one"]["pr"][0]);
    EXPECT_EQ(run["variants"]["above left out"]["items"], 59);
  }
}

TEST(Score, OrderOfItemsDoesNotShowInASingleBit) {
  std::vector<ItemCounts> items = Items(Golden()["runs"][0]);
  ASSERT_OK_AND_ASSIGN(const SegmentationScores scores, Score(items));
  // Lexicographic in the counts: far from the order of ids.
  std::sort(items.begin(), items.end(),
            [](const ItemCounts& a, const ItemCounts& b) {
              return ItemIou(a) < ItemIou(b);
            });
  for (int i = 0; i < 60; ++i) {
    std::rotate(items.begin(), items.begin() + 7, items.end());
    ASSERT_OK_AND_ASSIGN(const SegmentationScores again, Score(items));
    EXPECT_EQ(again.giou, scores.giou);
    EXPECT_EQ(again.ciou, scores.ciou);
    EXPECT_EQ(again.pr, scores.pr);
  }
}

TEST(Score, TiesDoNotCount) {
  ASSERT_OK_AND_ASSIGN(const SegmentationScores tie, Score({{1, 7, 10}}));
  EXPECT_THAT(tie.pr, ElementsAre(1, 1, 0, 0, 0));
  // One pixel more of ten thousand millions, where doubles of the ratio still
  // differ but a comparison in single precision would not.
  ASSERT_OK_AND_ASSIGN(const SegmentationScores above,
                       Score({{1, 7'000'000'001, 10'000'000'000}}));
  EXPECT_THAT(above.pr, ElementsAre(1, 1, 1, 0, 0));
}

TEST(Score, EmptyUnionIsAPerfectAnswerThatAddsNothingToCiou) {
  ASSERT_OK_AND_ASSIGN(const SegmentationScores scores,
                       Score({{1, 0, 0}, {2, 1, 4}}));
  EXPECT_THAT(scores.pr, Each(0.5));
  EXPECT_EQ(scores.giou, (1 + 0.25) / 2);
  EXPECT_EQ(scores.ciou, 0.25);
  ASSERT_OK_AND_ASSIGN(const SegmentationScores empty, Score({{1, 0, 0}}));
  EXPECT_EQ(empty.ciou, 1);
  EXPECT_EQ(empty.giou, 1);
}

TEST(Score, OnlyEmptyUnionsAreNothingToScoreWhereTheyAreLeftOut) {
  using enum ScoreRules::EmptyUnion;
  EXPECT_THAT(Score({{1, 0, 0}}, Rules(false, kLeftOut)),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("the masks of all items are empty")));
  ASSERT_OK_AND_ASSIGN(const SegmentationScores zero,
                       Score({{1, 0, 0}}, Rules(true, kZero)));
  EXPECT_THAT(zero.pr, Each(0));
  EXPECT_EQ(zero.ciou, 0);
}

TEST(Score, SumsAreExactWhereSinglePrecisionIsNot) {
  // 3481 images of 800 x 800 pixels, of each one pixel missed.
  std::vector<ItemCounts> items;
  for (int64_t id = 0; id < 3481; ++id) {
    items.push_back({id, 639'999, 640'000});
  }
  ASSERT_OK_AND_ASSIGN(const SegmentationScores scores, Score(items));
  EXPECT_EQ(scores.ciou, 639'999.0 / 640'000.0);
}

TEST(Score, RefusesWhatCannotBeCounts) {
  const auto invalid = [](const std::string& text) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text));
  };
  EXPECT_THAT(Score({}), invalid("no items"));
  EXPECT_THAT(Score({{3, 5, 4}}), invalid("item 3 has an intersection of 5"));
  EXPECT_THAT(Score({{3, -1, 4}}), invalid("item 3 has an intersection of -1"));
  EXPECT_THAT(Score({{3, 0, -4}}), invalid("item 3 has a union of -4"));
  EXPECT_THAT(Score({{3, 0, kMaxUnionPixels + 1}}), invalid("1099511627776"));
  EXPECT_THAT(Score({{3, 0, std::numeric_limits<int64_t>::max()}}),
              invalid("item 3"));
  EXPECT_THAT(Score({{3, 1, 4}, {4, 1, 4}, {3, 2, 4}}),
              invalid("item 3 occurs twice"));
}

TEST(Score, LargestCountsStayWithinSixtyFourBits) {
  ASSERT_OK_AND_ASSIGN(const SegmentationScores scores,
                       Score({{1, kMaxUnionPixels, kMaxUnionPixels},
                              {2, kMaxUnionPixels, kMaxUnionPixels}}));
  EXPECT_THAT(scores.pr, Each(1));
  EXPECT_EQ(scores.ciou, 1);
}

}  // namespace
}  // namespace transect
