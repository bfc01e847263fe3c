#include "analysis/aggregate.h"

#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/published.pb.h"
#include "analysis/report.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/metric_log.pb.h"
#include "nlohmann/json.hpp"
#include "tests/analysis/report_inputs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(BuildReport, MeansAndDeviationsOverSeedsEqualNumpys) {
  std::ifstream file("tests/metrics/segmentation_golden.json");
  const nlohmann::json golden = nlohmann::json::parse(file);
  std::vector<RunInput> runs;
  for (const nlohmann::json& run : golden["runs"]) {
    std::vector<EvalItem> items;
    for (const nlohmann::json& item : run["items"]) {
      items.push_back(Item(item[0], item[1], item[2]));
    }
    runs.push_back(Done(run["seed"].get<uint64_t>(), items));
  }
  ASSERT_OK_AND_ASSIGN(const ComparisonReport report,
                       BuildReport(OneTable({Row("base", true, runs)})));
  const ReportRow& row = report.tables(0).rows(0);
  ASSERT_EQ(row.metrics_size(), 7);
  for (int i = 0; i < 7; ++i) {
    const ReportCell& cell = row.metrics(i);
    const size_t column = static_cast<size_t>(i);
    EXPECT_EQ(ReportCell::Kind_Name(cell.kind()), golden["columns"][column]);
    // Three values around 0.5: some units in the last place.
    EXPECT_NEAR(cell.mean(), golden["mean"][column].get<double>(), 1e-14);
    EXPECT_NEAR(cell.sample_sd(), golden["sample_sd"][column].get<double>(),
                1e-14);
    EXPECT_EQ(cell.n(), 3);
    EXPECT_EQ(cell.items(), 60);
    EXPECT_EQ(cell.values(2).seed(), 3);
    EXPECT_FALSE(cell.has_delta_to_base());
  }
  EXPECT_EQ(Giou(row).values_size(), 3);
}

TEST(BuildReport, DeltaIsTheDifferenceOfMeans) {
  ASSERT_OK_AND_ASSIGN(
      const ComparisonReport report,
      BuildReport(OneTable(
          {Row("lower", false,
               {Done(1, {Item(1, 1, 4)}), Done(2, {Item(1, 2, 4)})}),
           Row("base", true,
               {Done(1, {Item(1, 3, 4)}), Done(2, {Item(1, 4, 4)})})})));
  const ReportTable& table = report.tables(0);
  EXPECT_EQ(Giou(table.rows(0)).mean(), 0.375);
  EXPECT_EQ(Giou(table.rows(0)).delta_to_base(), -0.5);
  EXPECT_EQ(table.rows(0).metrics(0).delta_to_base(), -1);
  EXPECT_FALSE(Giou(table.rows(1)).has_delta_to_base());
}

TEST(BuildReport, TableSaysWhatItIsOf) {
  RunInput other_code = Done(2, {Item(30, 1, 4), Item(7, 1, 4)});
  other_code.code = "a code";
  ReportInput input = OneTable({Row(
      "base", true, {Done(1, {Item(7, 1, 4), Item(30, 1, 4)}), other_code})});
  input.tables[0].base_settings = {{"rank", "16"}};
  input.tables[0].axis_fields = {{"rank", "model.x.rank"}};
  input.tables[0].rows[0].settings = {{"text", "ZERO"}};
  ASSERT_OK_AND_ASSIGN(const ComparisonReport report, BuildReport(input));
  const ReportTable& table = report.tables(0);
  EXPECT_EQ(report.title(), "title");
  EXPECT_EQ(table.name(), "study");
  EXPECT_EQ(table.split(), "val");
  EXPECT_EQ(table.items(), 2);
  // printf '7\n30\n' | sha256sum
  EXPECT_EQ(table.item_list_sha256(),
            "4fcf5f8591e0a4a123e251747822cac63e75f30119313f77a695eb50f7abe47b");
  EXPECT_THAT(table.codes(), ElementsAre("a code", "code"));
  EXPECT_EQ(table.base_settings(0).axis(), "rank");
  EXPECT_EQ(table.base_settings(0).value(), "16");
  EXPECT_EQ(table.base_settings(0).field(), "model.x.rank");
  EXPECT_EQ(table.rows(0).settings(0).axis(), "text");
  EXPECT_EQ(table.rows(0).runs(1).code(), "a code");
  EXPECT_EQ(table.rows(0).runs(1).spec_id(), "spec2");
}

TEST(BuildReport, MissingSeedsAreCountedOutAndKeptVisible) {
  ASSERT_OK_AND_ASSIGN(
      const ComparisonReport report,
      BuildReport(OneTable(
          {Row("base", true, {Done(1, {Item(1, 3, 4)}), Missing(2, "failed")}),
           Row("none", false, {Missing(1, "not started"), Missing(2, "")})})));
  const ReportRow& base = report.tables(0).rows(0);
  EXPECT_EQ(base.n(), 1);
  EXPECT_THAT(base.missing_seeds(), ElementsAre(2));
  EXPECT_EQ(base.runs(1).missing(), "failed");
  EXPECT_EQ(base.runs(1).code(), "");
  EXPECT_EQ(Giou(base).n(), 1);
  EXPECT_EQ(Giou(base).mean(), 0.75);
  EXPECT_FALSE(Giou(base).has_sample_sd());
  const ReportRow& none = report.tables(0).rows(1);
  EXPECT_EQ(none.n(), 0);
  EXPECT_THAT(none.missing_seeds(), ElementsAre(1, 2));
  EXPECT_EQ(none.runs(1).missing(), "no result");
  EXPECT_EQ(none.metrics_size(), 0);
}

TEST(BuildReport, BaseWithoutResultGivesNoDeltas) {
  ASSERT_OK_AND_ASSIGN(
      const ComparisonReport report,
      BuildReport(OneTable({Row("base", true, {Missing(1, "failed")}),
                            Row("other", false, {Done(1, {Item(1, 3, 4)})})})));
  EXPECT_FALSE(Giou(report.tables(0).rows(1)).has_delta_to_base());
}

TEST(BuildReport, NothingRunYetIsAReportWithoutNumbers) {
  ASSERT_OK_AND_ASSIGN(
      const ComparisonReport report,
      BuildReport(OneTable({Row("base", true, {Missing(1, "not started")})})));
  EXPECT_EQ(report.tables(0).items(), 0);
  EXPECT_EQ(report.tables(0).item_list_sha256(), "");
  EXPECT_TRUE(report.tables(0).codes().empty());
}

TEST(BuildReport, ControlsAreSummarizedBesideTheMetrics) {
  const auto with_control = [](int64_t permuted) {
    EvalItem item = Item(1, 3, 4);
    item.mutable_permuted()->set_intersection(permuted);
    item.mutable_permuted()->set_union_(4);
    return item;
  };
  ASSERT_OK_AND_ASSIGN(
      const ComparisonReport report,
      BuildReport(OneTable(
          {Row("base", true,
               {Done(1, {with_control(0)}), Done(2, {with_control(2)})})})));
  const ReportRow& row = report.tables(0).rows(0);
  ASSERT_EQ(row.controls_size(), 1);
  EXPECT_EQ(row.controls(0).kind(), ReportCell::PERMUTED_GIOU);
  EXPECT_EQ(row.controls(0).mean(), 0.25);
  EXPECT_EQ(row.controls(0).items(), 1);
}

TEST(BuildReport, RunsOnOtherItemsAreRefusedByName) {
  const auto refused = [](const std::string& text) {
    return StatusIs(
        absl::StatusCode::kFailedPrecondition,
        AllOf(HasSubstr("table 'study'"), HasSubstr("row 'base', seed 1"),
              HasSubstr("row 'other', seed 5"), HasSubstr(text)));
  };
  const auto build = [](std::vector<EvalItem> items) {
    return BuildReport(
        OneTable({Row("base", true, {Done(1, {Item(2, 1, 4), Item(4, 1, 4)})}),
                  Row("other", false, {Done(5, std::move(items))})}));
  };
  EXPECT_THAT(build({Item(4, 1, 4), Item(2, 1, 4)}), IsOk());
  EXPECT_THAT(build({Item(2, 1, 4)}),
              refused("item 4, which only the latter has"));
  EXPECT_THAT(build({Item(2, 1, 4), Item(3, 1, 4), Item(4, 1, 4)}),
              refused("item 3, which only the former has"));
  EXPECT_THAT(build({Item(2, 1, 4), Item(4, 1, 4), Item(5, 1, 4)}),
              refused("item 5, which only the former has"));
  EXPECT_THAT(build({Item(1, 1, 4), Item(4, 1, 4)}),
              refused("item 1, which only the former has"));
  std::vector<EvalItem> other_split = {Item(2, 1, 4), Item(4, 1, 4)};
  for (EvalItem& item : other_split) {
    item.set_split("test");
  }
  EXPECT_THAT(build(other_split), refused("splits, 'test' and 'val'"));
}

TEST(BuildReport, ControlsOfOtherItemsAreRefused) {
  EvalItem with = Item(1, 1, 4);
  with.mutable_all_objects()->set_union_(4);
  ASSERT_OK_AND_ASSIGN(
      const ComparisonReport report,
      BuildReport(OneTable(
          {Row("base", true, {Done(1, {with, Item(2, 1, 4)})}),
           Row("off", false, {Done(1, {Item(1, 1, 4), Item(2, 1, 4)})})})));
  EXPECT_EQ(report.tables(0).rows(1).controls_size(), 0)
      << "a control that was not asked for is not a conflict";
  EvalItem second = Item(2, 1, 4);
  second.mutable_all_objects()->set_union_(4);
  EXPECT_THAT(
      BuildReport(OneTable({Row("base", true, {Done(1, {with, Item(2, 1, 4)})}),
                            Row("more", false, {Done(1, {with, second})})})),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               AllOf(HasSubstr("ALL_OBJECTS_GIOU"), HasSubstr("2 and 1"))));
}

TEST(BuildReport, TextThatIsNotUtf8IsMadeSo) {
  ReportInput input = OneTable({Row("r\xff", true, {Missing(1, "a\xc3 b ü")})});
  input.title = "\xe2\x82";
  input.tables[0].name = "ok";
  ASSERT_OK_AND_ASSIGN(const ComparisonReport report, BuildReport(input));
  EXPECT_EQ(report.title(), "\uFFFD\uFFFD");
  EXPECT_EQ(report.tables(0).rows(0).label(), "r\uFFFD");
  EXPECT_EQ(report.tables(0).rows(0).runs(0).missing(), "a\uFFFD b ü");
}

TEST(BuildReport, TablesThatContradictThemselvesAreRefused) {
  EXPECT_THAT(BuildReport(OneTable({Row("a", true, {}), Row("b", true, {})})),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("rows 'a' and 'b' are both the base")));
  EXPECT_THAT(
      BuildReport(OneTable({Row("a", true, {Missing(3, ""), Missing(3, "")})})),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("row 'a', seed 3 occurs twice")));
  EXPECT_THAT(
      BuildReport(OneTable({Row("a", true, {Done(3, {Item(1, 5, 4)})})})),
      StatusIs(absl::StatusCode::kDataLoss,
               AllOf(HasSubstr("row 'a', seed 3"), HasSubstr("item 1"))));
}

EvalItem Of(const std::string& split, EvalItem item) {
  item.set_split(split);
  return item;
}

TEST(BuildReport, EachSplitHasATableOfItsOwn) {
  const std::vector<EvalItem> items = {Of("test", Item(4, 1, 2)), Item(1, 1, 4),
                                       Item(2, 3, 4),
                                       Of("test", Item(5, 1, 1))};
  std::vector<EvalItem> better = items;
  better[1].mutable_prediction()->set_intersection(3);
  ASSERT_OK_AND_ASSIGN(
      const ComparisonReport report,
      BuildReport(OneTable({Row("base", true, {Done(1, items)}),
                            Row("other", false, {Done(1, better)}),
                            Row("none", false, {Missing(1, "new")})})));
  ASSERT_EQ(report.tables_size(), 2);
  const ReportTable& val = report.tables(0);
  const ReportTable& test = report.tables(1);
  EXPECT_EQ(val.name(), "study");
  EXPECT_EQ(val.split(), "val");
  EXPECT_EQ(val.items(), 2);
  EXPECT_EQ(Giou(val.rows(0)).mean(), 0.5);
  EXPECT_EQ(Giou(val.rows(1)).delta_to_base(), 0.25);
  EXPECT_EQ(test.name(), "study");
  EXPECT_EQ(test.split(), "test");
  EXPECT_EQ(Giou(test.rows(0)).mean(), 0.75);
  EXPECT_EQ(Giou(test.rows(1)).delta_to_base(), 0);
  EXPECT_NE(val.item_list_sha256(), test.item_list_sha256());
  EXPECT_THAT(test.rows(2).missing_seeds(), ElementsAre(1));
}

TEST(BuildReport, ARunThatLacksASplitIsRefused) {
  EXPECT_THAT(
      BuildReport(
          OneTable({Row("base", true,
                        {Done(1, {Item(1, 1, 4), Of("test", Item(2, 1, 4))})}),
                    Row("other", false, {Done(1, {Item(1, 1, 4)})})})),
      StatusIs(absl::StatusCode::kFailedPrecondition,
               HasSubstr("row 'other', seed 1 and row 'base', seed 1 cannot be "
                         "compared: they were evaluated on different splits, "
                         "'val' and 'val', 'test'")));
}

PublishedSet SmallSet() {
  PublishedSet set;
  set.set_name("small");
  set.set_source("Somebody");
  set.set_place("Table 3");
  set.set_year(2024);
  set.set_dataset("RRSIS-D");
  set.add_evaluator()->set_name("e");
  set.add_note("A remark.");
  for (const auto split :
       {PublishedRow::VAL, PublishedRow::TEST, PublishedRow::TEST}) {
    PublishedRow* row = set.add_row();
    row->set_label("method");
    row->set_split(split);
    row->set_giou("77.70");
    row->set_evaluator("e");
  }
  return set;
}

// As many items as split val of RRSIS-D.
std::vector<EvalItem> ItemsOfRrsisdVal() {
  std::vector<EvalItem> items;
  for (int64_t id = 1; id <= 1740; ++id) {
    items.push_back(Item(id, 1, 4));
  }
  return items;
}

TEST(BuildReport, PublishedRowsStandBesideAndCountNowhere) {
  ReportInput input =
      OneTable({Row("base", true, {Done(1, ItemsOfRrsisdVal())})});
  ASSERT_OK_AND_ASSIGN(const ComparisonReport without, BuildReport(input));
  input.tables[0].dataset = "data set r";
  input.tables[0].published_dataset = "RRSIS-D";
  input.tables[0].published = {SmallSet()};
  ASSERT_OK_AND_ASSIGN(ComparisonReport report, BuildReport(input));
  ReportTable* table = report.mutable_tables(0);
  ASSERT_EQ(table->published_size(), 1);
  EXPECT_EQ(table->published(0).source(), "Somebody (2024), Table 3");
  EXPECT_EQ(table->published(0).row().giou(), "77.70");
  EXPECT_EQ(table->published(0).evaluator().name(), "e");
  EXPECT_THAT(table->published_notes(), ElementsAre("A remark."));
  EXPECT_THAT(table->published_left_out(),
              ElementsAre("2 rows of small are of split test"));
  table->clear_published();
  table->clear_published_notes();
  table->clear_published_left_out();
  table->clear_dataset();
  EXPECT_EQ(report.SerializeAsString(), without.SerializeAsString());
}

// A table of each split that will be evaluated, in the order of the finished
// ones.
TEST(BuildReport, PublishedRowsAreThereBeforeAnythingRan) {
  ReportInput input =
      OneTable({Row("base", true, {Missing(1, "not run yet")})});
  input.tables[0].published_dataset = "RRSIS-D";
  input.tables[0].published = {SmallSet()};
  input.tables[0].planned_splits = {"test", "val"};
  ASSERT_OK_AND_ASSIGN(ComparisonReport report, BuildReport(input));
  ASSERT_EQ(report.tables_size(), 2);
  EXPECT_EQ(report.tables(0).split(), "val");
  EXPECT_EQ(report.tables(0).published_size(), 1);
  EXPECT_EQ(report.tables(0).items(), 0);
  EXPECT_EQ(report.tables(1).published_size(), 2);
}

TEST(BuildReport, PublishedRowsOfAnotherDataSetAreNotCompared) {
  ReportInput input = OneTable({Row("base", true, {Done(1, {Item(1, 1, 4)})})});
  input.tables[0].dataset = "synthetic";
  input.tables[0].published = {SmallSet()};
  ASSERT_OK_AND_ASSIGN(const ComparisonReport report, BuildReport(input));
  EXPECT_EQ(report.tables(0).published_size(), 0);
  EXPECT_THAT(report.tables(0).published_left_out(),
              ElementsAre("small is of RRSIS-D, the runs of this table are of "
                          "synthetic"));
}

}  // namespace
}  // namespace transect
