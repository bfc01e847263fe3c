// What stands behind the rows of a table: images, machines, training splits,
// and runs that are one run.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/aggregate.h"
#include "analysis/report.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/metric_log.pb.h"
#include "tests/analysis/report_inputs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

RunInput WithDigest(RunInput run, const std::string& digest) {
  run.content_digests["val"] = digest;
  return run;
}

// The ids are the same whatever the recipe of the images.
TEST(BuildReport, RowsOfOtherImagesAreMarkedAndHaveNoDifferences) {
  EvalItem distractor = Item(1, 1, 4);
  distractor.mutable_distractor()->set_union_(4);
  const ReportInput input = OneTable(
      {Row("noisy", false, {WithDigest(Done(1, {distractor}), "b")}),
       Row("base", true,
           {WithDigest(Done(1, {Item(1, 3, 4)}), "a"), Missing(2, "new")}),
       Row("half", false,
           {WithDigest(Done(1, {Item(1, 2, 4)}), "a"),
            WithDigest(Done(2, {Item(1, 2, 4)}), "b")}),
       Row("same", false, {WithDigest(Done(1, {Item(1, 2, 4)}), "a")}),
       Row("unknown", false, {Done(1, {Item(1, 2, 4)})})});
  ASSERT_OK_AND_ASSIGN(const ComparisonReport report, BuildReport(input));
  const ReportTable& table = report.tables(0);
  EXPECT_EQ(table.content_digest(), "a");
  EXPECT_EQ(table.rows(0).runs(0).content_digest(), "b");
  // Of what does not say what it is of, nothing is said.
  const std::vector<bool> other = {true, false, true, false, false};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(table.rows(i).other_images(), other[i]) << i;
    EXPECT_EQ(Giou(table.rows(i)).has_delta_to_base(), i > 2) << i;
  }
}

TEST(BuildReport, ATableSaysTheResolutionOfItsSplit) {
  RunInput at_480 = WithDigest(Done(1, {Item(1, 3, 4)}), "b");
  at_480.resolutions = {{"val", 480}, {"test", 512}};
  const RunInput own = WithDigest(Done(1, {Item(1, 3, 4)}), "a");
  ASSERT_OK_AND_ASSIGN(ComparisonReport report,
                       BuildReport(OneTable({Row("other", false, {own}),
                                             Row("base", true, {at_480})})));
  // That of the base; the other row is marked.
  EXPECT_EQ(report.tables(0).rules().resolution(), 480);
  EXPECT_TRUE(report.tables(0).rows(0).other_images());
  EXPECT_FALSE(report.tables(0).rows(1).other_images());
  ASSERT_OK_AND_ASSIGN(report,
                       BuildReport(OneTable({Row("base", true, {own})})));
  EXPECT_EQ(report.tables(0).rules().resolution(), 0);
  // While no run has a result, what is planned.
  ReportInput planned = OneTable({Row("base", true, {Missing(1, "new")})});
  planned.tables[0].planned_resolution = 480;
  ASSERT_OK_AND_ASSIGN(report, BuildReport(planned));
  EXPECT_EQ(report.tables(0).rules().resolution(), 480);
}

// They reach the report of the split that they are of.
TEST(BuildReport, RunsSayWhatAGuessScoresAndHowManyMasksAreEmpty) {
  EvalItem empty = Item(1, 0, 6);
  empty.set_target_area(6);
  RunInput known = Done(1, {empty});
  known.frequent_place_gious = {{"val", 0.125}, {"test", 0.5}};
  const ReportInput input =
      OneTable({Row("base", true, {known, Done(2, {Item(1, 0, 6)})})});
  ASSERT_OK_AND_ASSIGN(const ComparisonReport report, BuildReport(input));
  const ReportRow& row = report.tables(0).rows(0);
  EXPECT_EQ(row.runs(0).frequent_place_giou(), 0.125);
  EXPECT_EQ(row.runs(0).empty_masks(), 1);
  EXPECT_FALSE(row.runs(1).has_frequent_place_giou());
  EXPECT_FALSE(row.runs(1).has_empty_masks());
}

// Controls on other items are a conflict only where the images are the same.
TEST(BuildReport, ControlsOfOtherImagesMayBeOfOtherItems) {
  EvalItem with = Item(1, 1, 4);
  with.mutable_all_objects()->set_union_(4);
  EvalItem second = Item(2, 1, 4);
  second.mutable_all_objects()->set_union_(4);
  const auto build = [&](const std::string& digest) {
    return BuildReport(OneTable(
        {Row("base", true, {WithDigest(Done(1, {with, Item(2, 1, 4)}), "a")}),
         Row("more", false, {WithDigest(Done(1, {with, second}), digest)})}));
  };
  EXPECT_THAT(build("b"), IsOk());
  EXPECT_THAT(build("a"), StatusIs(absl::StatusCode::kFailedPrecondition,
                                   HasSubstr("ALL_OBJECTS_GIOU")));
}

TEST(BuildReport, ABaseOfSeveralImagesHasNoDifferencesToIt) {
  ASSERT_OK_AND_ASSIGN(
      const ComparisonReport report,
      BuildReport(OneTable(
          {Row("base", true,
               {WithDigest(Done(1, {Item(1, 3, 4)}), "a"),
                WithDigest(Done(2, {Item(1, 3, 4)}), "b")}),
           Row("other", false, {WithDigest(Done(1, {Item(1, 3, 4)}), "a")})})));
  EXPECT_TRUE(report.tables(0).rows(0).other_images());
  EXPECT_FALSE(Giou(report.tables(0).rows(1)).has_delta_to_base());
}

TEST(BuildReport, MachinesAreListedOnceAndThoseNotKnownLeftOut) {
  const auto on = [](const std::string& machine, uint64_t seed) {
    RunInput run = Done(seed, {Item(1, 3, 4)});
    run.machines["val"] = machine;
    return run;
  };
  ASSERT_OK_AND_ASSIGN(
      const ComparisonReport report,
      BuildReport(OneTable({Row("base", true, {on("b", 1), on("a", 2)}),
                            Row("x", false, {on("b", 1), on("", 2)})})));
  EXPECT_THAT(report.tables(0).machines(), ElementsAre("a", "b"));
  EXPECT_EQ(report.tables(0).rows(0).runs(1).machine(), "a");
}

TEST(BuildReport, ARowThatTrainedOnTheSplitSaysSo) {
  RunInput run = Done(1, {Item(1, 3, 4), Item(2, 3, 4)});
  run.trained_splits = {"train", "val"};
  ASSERT_OK_AND_ASSIGN(
      const ComparisonReport report,
      BuildReport(OneTable(
          {Row("base", true, {run}),
           Row("other", false, {Done(1, {Item(1, 3, 4), Item(2, 3, 4)})})})));
  EXPECT_TRUE(report.tables(0).rows(0).trained_on_split());
  EXPECT_FALSE(report.tables(0).rows(1).trained_on_split());
}

TEST(BuildReport, ACertificateIsOfTheSplitsThatItHas) {
  RunInput run = Done(1, {Item(1, 1, 4)});
  run.certified_splits = {"val"};
  RunInput other = Done(1, {Item(1, 1, 4)});
  other.certified_splits = {"test"};
  RunInput missing = Missing(1, "new");
  missing.certified_splits = {"val"};
  ASSERT_OK_AND_ASSIGN(
      const ComparisonReport report,
      BuildReport(
          OneTable({Row("base", true, {run}), Row("other", false, {other}),
                    Row("missing", false, {missing})})));
  EXPECT_TRUE(report.tables(0).rows(0).runs(0).certified());
  EXPECT_FALSE(report.tables(0).rows(1).runs(0).certified());
  EXPECT_FALSE(report.tables(0).rows(2).runs(0).certified());
}

TEST(BuildReport, RunsThatAreOneRunCountOnce) {
  RunInput run = Done(1, {Item(1, 3, 4)});
  run.seed.reset();
  ASSERT_OK_AND_ASSIGN(
      const ComparisonReport report,
      BuildReport(OneTable({Row("oracle", true, {run, run})})));
  const ReportRow& row = report.tables(0).rows(0);
  EXPECT_EQ(row.n(), 1);
  ASSERT_EQ(row.runs_size(), 1);
  EXPECT_FALSE(row.runs(0).has_seed());
  EXPECT_FALSE(Giou(row).values(0).has_seed());
  EXPECT_FALSE(Giou(row).has_sample_sd());
  // The same run under two seeds, too.
  RunInput again = Done(2, {Item(1, 3, 4)});
  again.spec_id = "spec1";
  ASSERT_OK_AND_ASSIGN(const ComparisonReport seeds,
                       BuildReport(OneTable({Row(
                           "base", true, {Done(1, {Item(1, 3, 4)}), again})})));
  EXPECT_EQ(seeds.tables(0).rows(0).n(), 1);
}

}  // namespace
}  // namespace transect
