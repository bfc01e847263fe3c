// The numbers behind the charts and sentences of the page.

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/formats/page/heat_map.h"
#include "analysis/formats/page/iou_charts.h"
#include "analysis/formats/page/learning_curves.h"
#include "analysis/formats/page/run_tables.h"
#include "analysis/formats/page/sensitivity.h"
#include "analysis/formats/page/summary.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/formats/page/made_page.h"

namespace transect {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

ScoredRun RunOf(const std::vector<std::pair<int64_t, int64_t>>& counts) {
  ScoredRun run;
  for (const auto& [intersection, all] : counts) {
    EvalItem& item = run.items.emplace_back();
    item.set_item_id(static_cast<int64_t>(run.items.size()));
    item.mutable_prediction()->set_intersection(intersection);
    item.mutable_prediction()->set_union_(all);
  }
  return run;
}

TEST(IouShares, AreDecidedInIntegers) {
  const IouShares shares =
      IouSharesOf({RunOf({{0, 10}, {5, 10}, {10, 10}, {9, 10}})}, {});
  EXPECT_EQ(shares.items, 4);
  EXPECT_DOUBLE_EQ(shares.at_least[0], 1);
  EXPECT_DOUBLE_EQ(shares.at_least[1], 0.75);
  EXPECT_DOUBLE_EQ(shares.at_least[25], 0.75);
  EXPECT_DOUBLE_EQ(shares.at_least[26], 0.5);
  EXPECT_DOUBLE_EQ(shares.at_least[45], 0.5);
  EXPECT_DOUBLE_EQ(shares.at_least[46], 0.25);
  EXPECT_DOUBLE_EQ(shares.at_least[50], 0.25);
  EXPECT_DOUBLE_EQ(shares.bins[0], 0.25);
  EXPECT_DOUBLE_EQ(shares.bins[5], 0.25);
  EXPECT_DOUBLE_EQ(shares.bins[9], 0.5);
}

TEST(IouShares, AreMeansOverRunsAndFollowTheRules) {
  const std::vector<ScoredRun> runs = {RunOf({{0, 0}, {1, 4}}),
                                       RunOf({{0, 8}, {4, 4}})};
  EXPECT_DOUBLE_EQ(IouSharesOf(runs, {}).at_least[50], 0.5);
  ScoreRules rules;
  rules.empty_union = ScoreRules::EmptyUnion::kZero;
  EXPECT_DOUBLE_EQ(IouSharesOf(runs, rules).at_least[50], 0.25);
  rules.empty_union = ScoreRules::EmptyUnion::kLeftOut;
  EXPECT_DOUBLE_EQ(IouSharesOf(runs, rules).at_least[12], 0.75);
  EXPECT_DOUBLE_EQ(IouSharesOf({}, {}).at_least[0], 0);
}

ReportRow RowOfTwo() {
  ReportRow row;
  row.add_runs()->set_spec_id("a");
  row.add_runs()->set_spec_id("b");
  return row;
}

TEST(LearningCurves, HaveMeanAndBand) {
  TrainingCurves curves;
  for (const auto& [id, first] : {std::pair{"a", 1.0}, std::pair{"b", 3.0}}) {
    for (int step = 1; step <= 2; ++step) {
      TrainStep& added = curves[id].steps.emplace_back();
      added.set_step(step);
      added.set_loss(first + 2 * (step - 1));
    }
  }
  const CellCurves cell =
      CurvesOfRow(ReportTable(), RowOfTwo(), curves, CurveKind::kLoss, 2);
  ASSERT_THAT(cell.runs, SizeIs(2));
  ASSERT_THAT(cell.mean, SizeIs(2));
  EXPECT_DOUBLE_EQ(cell.mean[0].x, 1);
  EXPECT_DOUBLE_EQ(cell.mean[0].y, 2);
  EXPECT_DOUBLE_EQ(cell.mean[1].y, 4);
  // The sample standard deviation of 1 and 3 is the root of 2.
  EXPECT_DOUBLE_EQ(cell.low[0].y, 2 - std::sqrt(2));
  EXPECT_DOUBLE_EQ(cell.high[1].y, 4 + std::sqrt(2));
}

TEST(LearningCurves, LongSeriesAreThinnedToMeans) {
  TrainingCurves curves;
  for (int step = 1; step <= 16000; ++step) {
    TrainStep& added = curves["a"].steps.emplace_back();
    added.set_step(step);
    added.set_loss(step % 2 == 0 ? 1 : 3);
  }
  const CellCurves cell =
      CurvesOfRow(ReportTable(), RowOfTwo(), curves, CurveKind::kLoss, 16000);
  ASSERT_THAT(cell.mean, SizeIs(kMostCurvePoints));
  EXPECT_DOUBLE_EQ(cell.mean[7].y, 2);
  EXPECT_THAT(cell.low, IsEmpty()) << "one run has no band";
}

TEST(LearningCurves, WithoutALogThereAreNone) {
  const PageInput page = MadePage(2, 12);
  EXPECT_EQ(LearningCurvesHtml(page.report.tables(0), {}), "");
  EXPECT_THAT(LearningCurvesHtml(page.report.tables(0), page.curves),
              HasSubstr("Validation during the training"));
}

TEST(Sensitivity, AxesHaveTheirRowsAndTheBase) {
  const PageInput page = MadePage(2, 12);
  const std::vector<AxisRows> axes = AxesOf(page.report.tables(0));
  ASSERT_THAT(axes, SizeIs(2));
  EXPECT_EQ(axes[0].axis, "rank");
  std::vector<std::string> values;
  for (const AxisRows::Point& point : axes[0].points) {
    values.push_back(absl::StrCat(point.value, "@", point.row));
  }
  // Numbers ascend, although 16, the base, is the first row.
  EXPECT_THAT(values, ElementsAre("8@1", "16@0", "32@2"));
  EXPECT_EQ(axes[1].axis, "text");
  ComparisonReport without = page.report;
  without.mutable_tables(0)->mutable_rows(0)->set_is_base(false);
  EXPECT_THAT(AxesOf(without.tables(0)), IsEmpty());
  EXPECT_EQ(SensitivityHtml(without.tables(0)), "");
}

TEST(Sensitivity, PublishedValuesOfTheSameSettingAreShown) {
  ComparisonReport report = MadePage(2, 12).report;
  ReportPublished& published = *report.mutable_tables(0)->add_published();
  published.set_same_as("rank=8");
  published.mutable_row()->set_label("theirs");
  PublishedComparison& value = *published.add_comparisons();
  value.set_kind(ReportCell::GIOU);
  value.set_printed_low(0.50995);
  value.set_printed_high(0.51005);
  const std::string html = SensitivityHtml(report.tables(0));
  EXPECT_THAT(html, HasSubstr("hollow diamonds"));
  EXPECT_THAT(html, HasSubstr("theirs, : 51.00"));
}

TEST(HeatMap, EveryFieldCanBeRead) {
  double last = 22;
  for (int i = 0; i <= 100; ++i) {
    const HeatColors colors = HeatColorsOf(i / 100.0);
    EXPECT_GE(ContrastOf(colors.field, colors.text), 4.5) << colors.field;
    // Lightness alone says which number is higher.
    const double light = ContrastOf(colors.field, "#000000");
    EXPECT_LT(light, last) << i;
    last = light;
  }
  EXPECT_NEAR(ContrastOf("#ffffff", "#000000"), 21, 1e-9);
  EXPECT_NEAR(ContrastOf("#777777", "#ffffff"), 4.48, 0.005);
}

TEST(HeatMap, HasTheNumbersOfTheBreakdowns) {
  const ReportTable table = MadePage(2, 60).report.tables(0);
  const std::string html = HeatMapsHtml(table);
  const BreakdownGroup& group = table.breakdowns(0).groups(0);
  EXPECT_THAT(html, HasSubstr(absl::StrCat("<td>", group.items(), "</td>")));
  EXPECT_THAT(html, HasSubstr(">position</th>"));
}

TEST(Cost, CountsRanksWithGpus) {
  const PageInput page = MadePage(2, 12);
  const RunCost cost = CostOf(page.runs.begin()->second);
  EXPECT_DOUBLE_EQ(cost.training_seconds, 3700);
  EXPECT_DOUBLE_EQ(cost.evaluation_seconds, 100);
  // The evaluation does not say that it used a GPU.
  EXPECT_DOUBLE_EQ(cost.gpu_hours, 2 * 3700 / 3600.0);
  EXPECT_EQ(cost.memory_bytes, int64_t{600} << 20);
  const std::string html = CostHtml(page);
  EXPECT_THAT(html, HasSubstr("8 of 8 runs have a cost"));
  EXPECT_THAT(html, HasSubstr("16.44 GPU hours"));
  EXPECT_THAT(FailuresHtml(page), HasSubstr("the loss became infinite"));
  EXPECT_THAT(ProvenanceHtml(page), HasSubstr("node7"));
}

TableAnswers AnswersTo(const ReportInput& input) {
  const ComparisonReport report = MadePageReport(input);
  TableRuns runs;
  for (const RowInput& row : input.tables[0].rows) {
    runs.push_back(ScoredRuns(row, "val"));
  }
  return AnswersOf(report.tables(0), runs).value();
}

TEST(Answers, NameWinnerDifferenceCertaintyAndWeakness) {
  const TableAnswers answers = AnswersTo(MadePageRuns(5, 60));
  EXPECT_THAT(answers.wins, HasSubstr("rank=32 has the highest gIoU, "));
  EXPECT_THAT(answers.wins, HasSubstr("mean of 5 runs"));
  EXPECT_THAT(answers.by_how_much, HasSubstr("points against the base, 95 % "
                                             "interval [+"));
  EXPECT_THAT(answers.certain, HasSubstr("Yes, for any seed: p = 0.0"));
  EXPECT_THAT(answers.fails, HasSubstr("Its lowest gIoU: category "));
  EXPECT_THAT(answers.fails, HasSubstr("do not touch the object"));
}

TEST(Answers, FewSeedsCannotBeCertain) {
  const TableAnswers answers = AnswersTo(MadePageRuns(2, 60));
  EXPECT_THAT(answers.certain, HasSubstr("Not for other seeds: p = "));
  EXPECT_THAT(answers.certain, HasSubstr("cannot give less than 0.33"));
  EXPECT_THAT(answers.certain,
              HasSubstr("For these trained runs, yes: p = 0.0"));
}

TEST(Answers, TheBaseMayWinAndNothingMayHaveAResult) {
  ReportInput input = MadePageRuns(2, 60);
  input.tables[0].rows.erase(input.tables[0].rows.begin() + 2);
  input.tables[0].rows.erase(input.tables[0].rows.begin() + 1);
  const ComparisonReport report = [&] {
    ReportInput two = input;
    two.title = "two";
    absl::StatusOr<ComparisonReport> made = BuildReport(two);
    return made.value();
  }();
  TableRuns runs;
  for (const RowInput& row : input.tables[0].rows) {
    runs.push_back(ScoredRuns(row, "val"));
  }
  const TableAnswers answers = AnswersOf(report.tables(0), runs).value();
  EXPECT_THAT(answers.wins, HasSubstr("The base has the highest gIoU"));
  EXPECT_THAT(answers.by_how_much,
              HasSubstr("No setting is above the base. The next, text=ZERO, "
                        "differs from it by -"));
  EXPECT_EQ(answers.certain, "Nothing was tested.");
  EXPECT_FALSE(AnswersOf(ReportTable(), {}).has_value());
}

TEST(DesignSentence, SaysWhatWasVaried) {
  const std::string sentence = DesignSentence(MadePage(2, 12).report.tables(0));
  EXPECT_EQ(sentence,
            "4 cells vary rank (16, 8, 32) and text (FULL, ZERO) around the "
            "base, rank 16, text FULL; 2 seeds each; 7 of 8 runs have a "
            "result; evaluated on 12 items of split val of synthetic data set "
            "0123456789ab.");
}

}  // namespace
}  // namespace transect
