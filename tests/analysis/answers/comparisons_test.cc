#include "analysis/answers/comparisons.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "analysis/published.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/answers/study.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(PlaceOfTest, SaysWhereThePrintedRangeLies) {
  // 77.4 rounded, in percent here.
  const PrintedRange printed = {77.35, 77.45};
  EXPECT_EQ(PlaceOf(printed, 77, 78), PublishedComparison::WITHIN_OURS);
  EXPECT_EQ(PlaceOf(printed, 77.35, 77.45), PublishedComparison::WITHIN_OURS);
  EXPECT_EQ(PlaceOf(printed, 76, 77), PublishedComparison::ABOVE_OURS);
  EXPECT_EQ(PlaceOf(printed, 78, 79), PublishedComparison::BELOW_OURS);
  // What is printed is below 77.45.
  EXPECT_EQ(PlaceOf(printed, 77.45, 79), PublishedComparison::BELOW_OURS);
  EXPECT_EQ(PlaceOf(printed, 77.4, 78), PublishedComparison::CANNOT_TELL);
  EXPECT_EQ(PlaceOf(printed, 77, 77.4), PublishedComparison::CANNOT_TELL);
  EXPECT_EQ(PlaceOf(printed, 77.38, 77.42), PublishedComparison::CANNOT_TELL);
}

PublishedRow ValRow(const std::string& label, double giou) {
  PublishedRow row;
  row.set_label(label);
  row.set_split(PublishedRow::VAL);
  row.set_rounding(PublishedRow::ROUNDED);
  row.set_evaluator("ours");
  row.set_giou(absl::StrFormat("%.2f", 100 * giou));
  row.set_pr_50("50.00");
  return row;
}

// 1,740 items, as the split val of RRSIS-D; gIoU 0.5 in the base, 0.4 with rank
// 8.
ReportInput Ours(int seeds, std::vector<PublishedSet> sets) {
  ReportInput input = Study({.seeds = seeds, .items = 1740},
                            [](const std::string& row, int seed, int item) {
                              return (row == "rank=8" ? 0.4 : 0.5) +
                                     0.2 * Noise("item", 0, item) +
                                     0.01 * (seed - 2);
                            });
  TableInput& table = input.tables[0];
  table.published_dataset = "RRSIS-D";
  table.axis_fields = {{"rank", "lora.rank"}};
  table.published = std::move(sets);
  return input;
}

PublishedSet SetOf(double base, double rank_8) {
  PublishedSet set;
  set.set_name("paper");
  set.set_dataset("RRSIS-D");
  PublishedEvaluator* evaluator = set.add_evaluator();
  evaluator->set_name("ours");
  evaluator->set_tie(PublishedEvaluator::ABOVE);
  evaluator->set_resolution(-1);
  *set.add_row() = ValRow("theirs", base);
  set.mutable_row(0)->set_is_base(true);
  PublishedSetting* setting = set.mutable_row(0)->add_setting();
  setting->set_field("lora.rank");
  setting->set_value("16");
  *set.add_row() = ValRow("theirs, rank 8", rank_8);
  setting = set.mutable_row(1)->add_setting();
  setting->set_field("lora.rank");
  setting->set_value("8");
  return set;
}

ComparisonReport Compared(const ReportInput& input) {
  ComparisonReport report = ReportOf(input);
  EXPECT_THAT(AddComparisons(input, &report), IsOk());
  return report;
}

const PublishedComparison& GiouOf(const ReportPublished& shown) {
  return *std::ranges::find(shown.comparisons(), ReportCell::GIOU,
                            &PublishedComparison::kind);
}

TEST(ComparisonsTest, RowsOfOneSettingStandBesideEachOther) {
  const ComparisonReport report = Compared(Ours(3, {SetOf(0.505, 0.3)}));
  const ReportTable& table = report.tables(0);
  ASSERT_THAT(table.published(), SizeIs(2));
  EXPECT_EQ(table.published(0).same_as(), "base");
  const PublishedComparison& base = GiouOf(table.published(0));
  EXPECT_DOUBLE_EQ(base.printed_low(), 0.50495);
  EXPECT_DOUBLE_EQ(base.printed_high(), 0.50505);
  EXPECT_EQ(base.verdict(), PublishedComparison::WITHIN_OURS);
  // Student's interval of three seeds that differ by 0.01: 4.303 * 0.01 /
  // sqrt(3) on each side.
  EXPECT_NEAR(base.ours_high() - base.ours_low(), 2 * 4.3027 * 0.01 / 1.7321,
              1e-4);
  EXPECT_DOUBLE_EQ(base.difference_low(),
                   base.ours_low() - base.printed_high());
  EXPECT_DOUBLE_EQ(base.difference_high(),
                   base.ours_high() - base.printed_low());
  EXPECT_EQ(table.published(1).same_as(), "rank=8");
  EXPECT_EQ(GiouOf(table.published(1)).verdict(),
            PublishedComparison::BELOW_OURS);
  EXPECT_THAT(NotCompared(report), IsEmpty());
}

TEST(ComparisonsTest, OneRunHasTheIntervalOfItsItems) {
  const ComparisonReport report = Compared(Ours(1, {SetOf(0.9, 0.4)}));
  const PublishedComparison& base = GiouOf(report.tables(0).published(0));
  EXPECT_EQ(base.verdict(), PublishedComparison::ABOVE_OURS);
  // IoU of items is uniform over 0.4: a standard deviation of 0.115 over 1,740.
  EXPECT_NEAR(base.ours_high() - base.ours_low(),
              2 * 1.96 * 0.4 / std::sqrt(12.0 * 1740), 1e-3);
}

TEST(ComparisonsTest, OtherRulesAreRefusedUnlessAskedFor) {
  PublishedSet set = SetOf(0.5, 0.4);
  set.mutable_evaluator(0)->set_resolution(480);
  ReportInput input = Ours(1, {set});
  ComparisonReport report = Compared(input);
  const ReportPublished& refused = report.tables(0).published(0);
  EXPECT_THAT(refused.comparisons(), IsEmpty());
  EXPECT_THAT(refused.refusals(), ElementsAre(HasSubstr("480 x 480 pixels")));
  EXPECT_THAT(NotCompared(report),
              ElementsAre(AllOf(HasSubstr("theirs (paper), table study, "),
                                HasSubstr("480 x 480")),
                          HasSubstr("theirs, rank 8 (paper)")));
  input.tables[0].anyway.other_rules = {"paper"};
  report = Compared(input);
  const ReportPublished& told = report.tables(0).published(0);
  EXPECT_THAT(told.comparisons(), SizeIs(2));
  EXPECT_THAT(told.refusals(), IsEmpty());
  EXPECT_THAT(told.differences(), ElementsAre(HasSubstr("480 x 480 pixels")));
  EXPECT_THAT(NotCompared(report), IsEmpty());
}

// Masks that were compared at their resolution.
TEST(ComparisonsTest, AtTheirResolutionNothingIsRefused) {
  PublishedSet set = SetOf(0.5, 0.4);
  set.mutable_evaluator(0)->set_resolution(480);
  ReportInput input = Ours(1, {set});
  for (RowInput& row : input.tables[0].rows) {
    for (RunInput& run : row.runs) run.resolutions = {{"val", 480}};
  }
  ComparisonReport report = Compared(input);
  ASSERT_EQ(report.tables(0).split(), "val");
  EXPECT_EQ(report.tables(0).rules().resolution(), 480);
  EXPECT_THAT(report.tables(0).published(0).comparisons(), SizeIs(2));
  EXPECT_THAT(report.tables(0).published(0).refusals(), IsEmpty());
  // Theirs at each image's own size, or at one that nobody knows.
  for (const int resolution : {-1, 0, 512}) {
    set.mutable_evaluator(0)->set_resolution(resolution);
    input.tables[0].published = {set};
    report = Compared(input);
    EXPECT_THAT(report.tables(0).published(0).comparisons(), IsEmpty());
    EXPECT_THAT(report.tables(0).published(0).refusals(),
                ElementsAre(HasSubstr(
                    resolution == 0 ? "nobody knows at which resolution"
                    : resolution == 512
                        ? "at 512 x 512 pixels, ours at 480 x 480 pixels"
                        : "at each image's own size, ours at 480 x 480")));
  }
}

TEST(ComparisonsTest, AnotherRuleOfTiesConcernsPrecisionsOnly) {
  PublishedSet set = SetOf(0.5, 0.4);
  set.mutable_evaluator(0)->set_tie(PublishedEvaluator::AT_LEAST);
  ReportInput input = Ours(1, {set});
  ComparisonReport report = Compared(input);
  ASSERT_THAT(report.tables(0).published(0).comparisons(), SizeIs(1));
  EXPECT_EQ(report.tables(0).published(0).comparisons(0).kind(),
            ReportCell::GIOU);
  EXPECT_THAT(report.tables(0).published(0).refusals(),
              ElementsAre(HasSubstr("of X or above, ours one above X")));
  // Under their rule nothing differs.
  input.rules.ties_count = true;
  report = Compared(input);
  EXPECT_THAT(report.tables(0).published(0).comparisons(), SizeIs(2));
}

TEST(ComparisonsTest, AnotherSplitIsRefusedUnlessAskedFor) {
  PublishedSet set = SetOf(0.5, 0.4);
  set.mutable_row(1)->set_split(PublishedRow::TEST);
  ReportInput input = Ours(1, {set});
  ComparisonReport report = Compared(input);
  EXPECT_THAT(report.tables(0).published(), SizeIs(1));
  EXPECT_THAT(NotCompared(report),
              ElementsAre("table study, split val: 1 row of paper is of split "
                          "test."));
  input.tables[0].anyway.other_splits = {"paper"};
  report = Compared(input);
  ASSERT_THAT(report.tables(0).published(), SizeIs(2));
  EXPECT_THAT(report.tables(0).published(1).differences(),
              ElementsAre("the published values are of split test, ours of "
                          "split val"));
  EXPECT_THAT(NotCompared(report), IsEmpty());
}

TEST(ComparisonsTest, OtherMethodsAreComparedWithTheBase) {
  PublishedSet set = SetOf(0.5, 0.4);
  *set.add_row() = ValRow("another method", 0.6);
  const ComparisonReport report = Compared(Ours(1, {set}));
  const ReportPublished& other = report.tables(0).published(2);
  EXPECT_EQ(other.same_as(), "");
  EXPECT_NEAR(GiouOf(other).ours(), 0.49, 0.01);
  EXPECT_EQ(GiouOf(other).verdict(), PublishedComparison::ABOVE_OURS);
}

}  // namespace
}  // namespace transect
