#include "analysis/certainty/certainty.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "analysis/report.pb.h"
#include "analysis/table_layout.h"
#include "data/io/textproto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/certainty/made_tables.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

StatisticsSpec Spec(const std::string& text) {
  StatisticsSpec spec;
  EXPECT_THAT(ParseTextproto(text, "spec", &spec), IsOk());
  return spec;
}

const ReportCell& Giou(const ReportRow& row) { return row.metrics(6); }

std::string Notes(const ComparisonReport& report) {
  return absl::StrJoin(LayOut(report.tables(0)).notes, "\n");
}

std::string Caption(const ComparisonReport& report) {
  return LayOut(report.tables(0)).metrics.caption[0];
}

TEST(AddCertainty, FiveSeedsDecideAboutTheMethod) {
  const ComparisonReport report = MadeTables(5);
  const ReportTable& table = report.tables(0);
  const ReportStatistics& statistics = table.statistics();
  EXPECT_EQ(statistics.test(), ReportInterval::SEEDS);
  EXPECT_EQ(statistics.interval(), ReportInterval::SEEDS_AND_ITEMS);
  EXPECT_EQ(statistics.family(), 3) << "the row with a failed run counts";
  EXPECT_EQ(statistics.seeds_for_holm(), 5);
  EXPECT_THAT(statistics.primary(), ElementsAre(ReportCell::GIOU));

  const ReportDifference& worse = Giou(table.rows(1)).difference();
  EXPECT_NEAR(worse.p_seeds(), 2.0 / 252, 1e-12);
  EXPECT_NEAR(worse.p_seeds_holm(), 3 * 2.0 / 252, 1e-12);
  EXPECT_TRUE(worse.certain());
  EXPECT_LT(worse.standardized(), -1);
  ASSERT_EQ(worse.intervals_size(), 3);
  for (const ReportInterval& interval : worse.intervals()) {
    EXPECT_LT(interval.low(), Giou(table.rows(1)).delta_to_base());
    EXPECT_GT(interval.high(), Giou(table.rows(1)).delta_to_base());
    EXPECT_LT(interval.high(), 0);
  }
  EXPECT_FALSE(Giou(table.rows(2)).difference().certain());
  EXPECT_GE(Giou(table.rows(2)).difference().seeds_needed(), 5);
  // Metrics that are not primary have intervals and no test.
  const ReportDifference& ciou = table.rows(1).metrics(5).difference();
  EXPECT_FALSE(ciou.has_p_seeds());
  EXPECT_EQ(ciou.intervals_size(), 3);
}

TEST(AddCertainty, TheBestAndItsTiesLead) {
  const ComparisonReport report = MadeTables(5);
  const auto& rows = report.tables(0).rows();
  EXPECT_TRUE(Giou(rows[0]).leading());
  EXPECT_FALSE(Giou(rows[1]).leading());
  EXPECT_TRUE(Giou(rows[2]).leading());
  const TableLayout layout = LayOut(report.tables(0));
  EXPECT_TRUE(layout.metrics.rows[0].cells[6].leading);
  EXPECT_FALSE(layout.metrics.rows[0].cells[5].leading) << "not primary";
  EXPECT_THAT(Caption(report), HasSubstr("Bold: the best row"));
  // Where nothing is separated nothing leads.
  const ComparisonReport equal = MadeReportOf(
      MadeInput({MadeRow("base", 0.6, 5, true), MadeRow("a", 0.6, 5)}));
  EXPECT_FALSE(Giou(equal.tables(0).rows(0)).leading());
  EXPECT_FALSE(Giou(equal.tables(0).rows(1)).leading());
}

TEST(AddCertainty, ThreeSeedsNeverHaveAStar) {
  const ComparisonReport report = MadeTables(3);
  for (const ReportRow& row : report.tables(0).rows()) {
    EXPECT_FALSE(Giou(row).difference().certain());
    EXPECT_FALSE(Giou(row).leading());
  }
  EXPECT_TRUE(Giou(report.tables(0).rows(1)).difference().certain_of_runs());
  EXPECT_THAT(Notes(report),
              AllOf(HasSubstr("with 3 seeds a row an exact test over seeds "
                              "gives p = 0.1 at best (0.25 in pairs)"),
                    HasSubstr("° These trained runs differ")));
  const TableLayout layout = LayOut(report.tables(0));
  EXPECT_EQ(layout.metrics.rows[1].cells[7].mark, "°");
}

TEST(AddCertainty, OfManySeedsLabellingsAreDrawnAndTheCaptionSaysSo) {
  EXPECT_THAT(Caption(MadeTables(10)),
              HasSubstr("p: exact permutation test over seeds, Holm"));
  EXPECT_THAT(Caption(MadeTables(11)),
              HasSubstr("p: permutation test over seeds, of more than 10 seeds "
                        "a row by 10000 random labellings, Holm"));
  StatisticsSpec paired;
  paired.set_pair_seeds(true);
  EXPECT_THAT(Caption(MadeTables(11, paired)),
              HasSubstr("p: sign-flip test over pairs of seeds, of more than "
                        "10 pairs by 10000 random signs, Holm"));
}

TEST(AddCertainty, OneSeedIsTestedOverItems) {
  const ComparisonReport report = MadeTables(1);
  const ReportTable& table = report.tables(0);
  EXPECT_EQ(table.statistics().test(), ReportInterval::ITEMS);
  EXPECT_EQ(table.statistics().interval(), ReportInterval::ITEMS);
  EXPECT_TRUE(Giou(table.rows(1)).difference().certain());
  EXPECT_FALSE(Giou(table.rows(1)).difference().has_p_seeds());
  EXPECT_TRUE(table.rows(0).metrics(0).has_share());
  EXPECT_LT(table.rows(0).metrics(0).share().low(),
            table.rows(0).metrics(0).mean());
  EXPECT_THAT(Caption(report),
              HasSubstr("permutation test over items, about these trained "
                        "runs, Holm over 3 comparisons"));
  EXPECT_THAT(Notes(report), HasSubstr("one seed a row says nothing of other"));
}

TEST(AddCertainty, WhatIsDeclaredIsDone) {
  const ComparisonReport report = MadeTables(
      5, Spec("spread: SE confidence: 0.9 primary: 'gIoU' primary: 'cIoU' "
              "test: ITEMS resamples: 1500 seed: 7"));
  const ReportTable& table = report.tables(0);
  EXPECT_EQ(table.statistics().family(), 6);
  EXPECT_EQ(table.statistics().seed(), 7);
  EXPECT_EQ(table.statistics().resamples(), 1500);
  EXPECT_EQ(table.statistics().test(), ReportInterval::ITEMS);
  EXPECT_NEAR(Giou(table.rows(0)).spread(),
              Giou(table.rows(0)).sample_sd() / std::sqrt(5), 1e-15);
  EXPECT_THAT(
      LayOut(table).metrics.columns,
      ElementsAre("Pr@0.5", "Pr@0.6", "Pr@0.7", "Pr@0.8", "Pr@0.9", "cIoU",
                  "gIoU", "Δ cIoU", "p cIoU", "Δ gIoU", "p gIoU"));
  EXPECT_THAT(Caption(report),
              AllOf(HasSubstr("mean ± standard error of the mean"),
                    HasSubstr("90 % interval")));
  const ComparisonReport ci = MadeTables(5, Spec("spread: CI"));
  // Student's quantile of four degrees of freedom.
  EXPECT_NEAR(Giou(ci.tables(0).rows(0)).spread(),
              2.7764451 * Giou(ci.tables(0).rows(0)).sample_sd() / std::sqrt(5),
              1e-8);
}

TEST(AddCertainty, PairsOfSeedsNeedMoreSeeds) {
  const ComparisonReport report = MadeTables(5, Spec("pair_seeds: true"));
  const ReportDifference& worse = Giou(report.tables(0).rows(1)).difference();
  EXPECT_EQ(worse.p_seeds(), 0.0625);
  EXPECT_EQ(worse.pairs(), 5);
  EXPECT_FALSE(worse.certain());
  EXPECT_THAT(Notes(report), HasSubstr("so no difference here is certain"));
}

TEST(AddCertainty, AFamilyOfTheReportCountsAllTables) {
  ReportInput input =
      MadeInput({MadeRow("base", 0.6, 6, true), MadeRow("rank=2", 0.5, 6)});
  input.tables.push_back(input.tables[0]);
  input.tables[1].name = "other";
  const ComparisonReport alone = MadeReportOf(input);
  EXPECT_EQ(alone.tables(0).statistics().family(), 1);
  const ComparisonReport together = MadeReportOf(input, Spec("family: REPORT"));
  EXPECT_EQ(together.tables(1).statistics().family(), 2);
  EXPECT_EQ(Giou(together.tables(0).rows(1)).difference().p_seeds_holm(),
            2 * Giou(alone.tables(0).rows(1)).difference().p_seeds_holm());
  EXPECT_THAT(Caption(together), HasSubstr("2 comparisons of the report"));
}

TEST(AddCertainty, ARowOfFewerSeedsHasNoIntervalOverSeeds) {
  const ComparisonReport report = MadeTables(2);
  const ReportDifference& partial = Giou(report.tables(0).rows(3)).difference();
  ASSERT_EQ(partial.intervals_size(), 1);
  EXPECT_EQ(partial.intervals(0).level(), ReportInterval::ITEMS);
  EXPECT_FALSE(partial.has_p_items());
  const TableLayout layout = LayOut(report.tables(0));
  EXPECT_EQ(layout.metrics.rows[3].cells[7].interval, "");
  EXPECT_EQ(layout.metrics.rows[3].cells[8].number, "–");
  EXPECT_EQ(layout.metrics.rows[3].cells[8].mark, "†");
}

TEST(AddCertainty, TheSameInputGivesTheSameBits) {
  EXPECT_EQ(MadeTables(3).SerializeAsString(),
            MadeTables(3).SerializeAsString());
  EXPECT_NE(MadeTables(3, Spec("seed: 1")).tables(0).SerializeAsString(),
            MadeTables(3, Spec("seed: 2")).tables(0).SerializeAsString());
}

TEST(AddCertainty, CoverageOfEveryKindIsPrinted) {
  EXPECT_THAT(Notes(MadeTables(3)),
              AllOf(HasSubstr("Share of 95 % intervals that held the truth in "
                              "simulations: over items 0."),
                    HasSubstr("over 3 seeds (Student) 0."),
                    HasSubstr("over 3 seeds and 50 items 0.")));
}

TEST(AddCertainty, WithoutAResultNothingIsSaid) {
  RowInput row = MadeRow("base", 0.6, 1, true);
  row.runs[0].items = nullptr;
  const ComparisonReport report = MadeReportOf(MadeInput({row}));
  EXPECT_FALSE(report.tables(0).has_statistics());
  EXPECT_THAT(Caption(report), Not(HasSubstr("Holm")));
}

}  // namespace
}  // namespace transect
