#include "analysis/answers/breakdown.h"

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/answers/study.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Items of category c have the IoU 0.2 + 0.2 c in the base, half of it in
// others, and with seed 2 a tenth more; areas of 100, 1,000 and 10,000 pixels.
ReportInput ByItem() {
  return Study({.seeds = 2,
                .items = 9,
                .area =
                    [](int i) {
                      return i % 3 == 0 ? 100 : i % 3 == 1 ? 1'000 : 10'000;
                    }},
               [](const std::string& row, int seed, int item) {
                 return (0.2 + 0.2 * (item % 3) + (seed == 2 ? 0.1 : 0)) *
                        (row == "base" ? 1 : 0.5);
               });
}

std::vector<std::string> Labels(const ReportBreakdown& breakdown) {
  std::vector<std::string> labels;
  for (const BreakdownGroup& group : breakdown.groups()) {
    labels.push_back(group.label());
  }
  return labels;
}

// 0.6 and 0.7 of the two seeds: strictly above counts.
TEST(BreakdownTest, HasTheSharesOfPrecision) {
  const ReportInput input = ByItem();
  ComparisonReport report = ReportOf(input);
  ASSERT_THAT(AddBreakdowns(input, kSizeBounds, &report), IsOk());
  for (const ReportBreakdown& breakdown : report.tables(0).breakdowns()) {
    EXPECT_THAT(breakdown.groups(2).cells(0).pr(),
                ElementsAre(1, 0.5, 0, 0, 0));
    EXPECT_THAT(breakdown.groups(1).cells(0).pr(), ElementsAre(0, 0, 0, 0, 0));
  }
}

TEST(BreakdownTest, GroupsByCategorySizeAndSentence) {
  const ReportInput input = ByItem();
  ComparisonReport report = ReportOf(input);
  ASSERT_THAT(AddBreakdowns(input, kSizeBounds, &report), IsOk());
  const auto& breakdowns = report.tables(0).breakdowns();
  ASSERT_THAT(breakdowns, SizeIs(3));
  EXPECT_THAT(Labels(breakdowns[0]),
              ElementsAre("expressway service area", "expressway toll station",
                          "airplane"));
  EXPECT_THAT(Labels(breakdowns[1]), ElementsAre("up to 0.333 % of the image",
                                                 "0.333 to 3 % of the image",
                                                 "above 3 % of the image"));
  EXPECT_THAT(Labels(breakdowns[2]),
              ElementsAre("category alone", "position", "color and position"));
  for (const ReportBreakdown& breakdown : breakdowns) {
    ASSERT_THAT(breakdown.groups(), SizeIs(3));
    for (int g = 0; g < 3; ++g) {
      const BreakdownGroup& group = breakdown.groups(g);
      EXPECT_EQ(group.items(), 3);
      ASSERT_THAT(group.cells(), SizeIs(4)) << "one per row";
      EXPECT_EQ(group.cells(0).n(), 2);
      EXPECT_NEAR(group.cells(0).giou(), 0.25 + 0.2 * g, 1e-12);
      EXPECT_NEAR(group.cells(0).ciou(), 0.25 + 0.2 * g, 1e-12);
      EXPECT_NEAR(group.cells(0).giou_sd(), 0.1 / std::sqrt(2), 1e-12);
      EXPECT_NEAR(group.cells(3).giou(), (0.25 + 0.2 * g) / 2, 1e-12);
    }
  }
}

TEST(BreakdownTest, BoundsAreDeclared) {
  const ReportInput input = ByItem();
  ComparisonReport report = ReportOf(input);
  ASSERT_THAT(AddBreakdowns(input, {0.01}, &report), IsOk());
  EXPECT_THAT(Labels(report.tables(0).breakdowns(1)),
              ElementsAre("up to 1 % of the image", "above 1 % of the image"));
  EXPECT_EQ(report.tables(0).breakdowns(1).groups(0).items(), 6)
      << "a bound belongs to the bin below";
  EXPECT_THAT(CheckSizeBounds({0.1, 0.1}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("size_bound is [0.1, 0.1]")));
  EXPECT_THAT(CheckSizeBounds({0.0}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("0")));
}

// What an item is comes from any run of the table: the log of a run that had
// one sentence for all items does not say what they say.
TEST(BreakdownTest, OneRunThatKnowsIsEnough) {
  ReportInput input = ByItem();
  const auto forget = [&](int row) {
    for (RunInput& run : input.tables[0].rows[row].runs) {
      auto items = std::make_shared<std::vector<EvalItem>>(*run.items);
      for (EvalItem& item : *items) {
        item.clear_sentence_parts();
        item.clear_image_pixels();
      }
      run.items = std::move(items);
    }
  };
  for (int row = 0; row < 3; ++row) forget(row);
  ComparisonReport report = ReportOf(input);
  ASSERT_THAT(AddBreakdowns(input, kSizeBounds, &report), IsOk());
  EXPECT_THAT(report.tables(0).breakdowns(2).groups(), SizeIs(3));
  forget(3);
  report = ReportOf(input);
  ASSERT_THAT(AddBreakdowns(input, kSizeBounds, &report), IsOk());
  EXPECT_THAT(report.tables(0).breakdowns(2).groups(), IsEmpty());
  EXPECT_THAT(report.tables(0).breakdowns(2).missing(),
              HasSubstr("do not say what sentences say"));
  EXPECT_THAT(report.tables(0).breakdowns(1).missing(),
              HasSubstr("do not say how large images"));
}

TEST(BreakdownTest, RowsWithoutAResultHaveNoNumbers) {
  ReportInput input = ByItem();
  for (RunInput& run : input.tables[0].rows[1].runs) run.items = nullptr;
  ComparisonReport report = ReportOf(input);
  ASSERT_THAT(AddBreakdowns(input, kSizeBounds, &report), IsOk());
  EXPECT_EQ(report.tables(0).breakdowns(0).groups(0).cells(1).n(), 0);
}

}  // namespace
}  // namespace transect
