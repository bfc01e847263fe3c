#include "analysis/score_run.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "analysis/report.pb.h"
#include "analysis/statistics/ratio.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/metric_log.pb.h"
#include "metrics/segmentation.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

PixelCounts Pixels(int64_t intersection, int64_t either) {
  PixelCounts counts;
  counts.set_intersection(intersection);
  counts.set_union_(either);
  return counts;
}

EvalItem Item(int64_t id, int64_t intersection, int64_t either) {
  EvalItem item;
  item.set_split("test");
  item.set_item_id(id);
  *item.mutable_prediction() = Pixels(intersection, either);
  return item;
}

std::map<ReportCell::Kind, Measure> ByKind(const RunScores& scores) {
  std::map<ReportCell::Kind, Measure> measures;
  for (const Measure& measure : scores.measures) {
    EXPECT_TRUE(measures.emplace(measure.kind, measure).second);
  }
  return measures;
}

TEST(ScoreRun, MetricsAreThoseOfThePredictions) {
  ASSERT_OK_AND_ASSIGN(const RunScores scores,
                       ScoreRun({Item(9, 1, 4), Item(4, 3, 4)}));
  EXPECT_EQ(scores.split, "test");
  EXPECT_THAT(scores.item_ids, ElementsAre(4, 9));
  auto measures = ByKind(scores);
  ASSERT_EQ(measures.size(), 7) << "no controls were measured";
  EXPECT_EQ(measures[ReportCell::PR_50].value, 0.5);
  EXPECT_EQ(measures[ReportCell::PR_70].value, 0.5);
  EXPECT_EQ(measures[ReportCell::PR_80].value, 0);
  EXPECT_EQ(measures[ReportCell::CIOU].value, 0.5);
  EXPECT_EQ(measures[ReportCell::GIOU].value, 0.5);
  EXPECT_EQ(measures[ReportCell::GIOU].items, 2);
}

TEST(ScoreRun, ControlsAreOfTheItemsThatHaveThem) {
  std::vector<EvalItem> items = {Item(1, 8, 10), Item(2, 8, 10), Item(3, 2, 10),
                                 Item(4, 2, 10)};
  *items[0].mutable_permuted() = Pixels(1, 10);
  *items[1].mutable_permuted() = Pixels(3, 10);
  *items[3].mutable_all_objects() = Pixels(4, 10);
  ASSERT_OK_AND_ASSIGN(const RunScores scores, ScoreRun(items));
  auto measures = ByKind(scores);
  ASSERT_EQ(measures.size(), 9);
  EXPECT_DOUBLE_EQ(measures[ReportCell::PERMUTED_GIOU].value, 0.2);
  EXPECT_EQ(measures[ReportCell::PERMUTED_GIOU].items, 2);
  EXPECT_DOUBLE_EQ(measures[ReportCell::ALL_OBJECTS_GIOU].value, 0.4);
  EXPECT_EQ(measures[ReportCell::ALL_OBJECTS_GIOU].items, 1);
}

// 5 of 9 pixels are more than 6 of 90, although they are fewer pixels.
TEST(ScoreRun, NamedObjectWinsOnlyWithAStrictlyHigherIou) {
  std::vector<EvalItem> items = {Item(1, 5, 9), Item(2, 5, 90), Item(3, 6, 90),
                                 Item(4, 0, 90), Item(5, 9, 90)};
  *items[0].mutable_distractor() = Pixels(6, 90);
  *items[1].mutable_distractor() = Pixels(10, 180);
  *items[2].mutable_distractor() = Pixels(5, 9);
  *items[3].mutable_distractor() = Pixels(0, 90);
  ASSERT_OK_AND_ASSIGN(const RunScores scores, ScoreRun(items));
  auto measures = ByKind(scores);
  EXPECT_EQ(measures[ReportCell::DISTRACTOR_SHARE].value, 0.25);
  EXPECT_EQ(measures[ReportCell::DISTRACTOR_SHARE].items, 4);
  EXPECT_FALSE(measures[ReportCell::DISTRACTOR_SHARE].chance.has_value())
      << "older logs do not say of how many objects";
}

TEST(ScoreRun, ChanceIsOneOverTheObjectsOfTheCategory) {
  std::vector<EvalItem> items = {Item(1, 5, 9), Item(2, 5, 9), Item(3, 5, 9)};
  for (int i = 0; i < 2; ++i) {
    *items[i].mutable_distractor() = Pixels(1, 90);
    items[i].set_category_objects(i == 0 ? 2 : 4);
  }
  items[2].set_category_objects(1);
  ASSERT_OK_AND_ASSIGN(const RunScores scores, ScoreRun(items));
  const Measure share = ByKind(scores)[ReportCell::DISTRACTOR_SHARE];
  EXPECT_EQ(share.items, 2);
  EXPECT_DOUBLE_EQ(share.chance.value(), (0.5 + 0.25) / 2);
  items[0].set_category_objects(1);
  EXPECT_THAT(ScoreRun(items),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("item 1 has a distractor, but 1 objects")));
}

TEST(ScoreRun, EachControlWithOtherSentencesIsAMeasure) {
  std::vector<EvalItem> items = {Item(1, 8, 10), Item(2, 8, 10)};
  *items[0].mutable_permuted_within_category() = Pixels(3, 10);
  *items[1].mutable_other_object() = Pixels(1, 10);
  ASSERT_OK_AND_ASSIGN(const RunScores scores, ScoreRun(items));
  auto measures = ByKind(scores);
  EXPECT_DOUBLE_EQ(measures[ReportCell::PERMUTED_CATEGORY_GIOU].value, 0.3);
  EXPECT_EQ(measures[ReportCell::PERMUTED_CATEGORY_GIOU].items, 1);
  EXPECT_DOUBLE_EQ(measures[ReportCell::OTHER_OBJECT_GIOU].value, 0.1);
  EXPECT_EQ(measures[ReportCell::OTHER_OBJECT_GIOU].items, 1);
}

TEST(ScoreRun, CountsEmptyMasksWhereLogsSayTheSizeOfTargets) {
  // Empty; elsewhere, with as many pixels as the target; on the target.
  std::vector<EvalItem> items = {Item(1, 0, 6), Item(2, 0, 12), Item(3, 6, 6)};
  for (EvalItem& item : items) item.set_target_area(6);
  ASSERT_OK_AND_ASSIGN(const RunScores scores, ScoreRun(items));
  EXPECT_EQ(scores.empty_masks, 1);

  // Logs before the field say it where they know all objects.
  items[0].clear_target_area();
  *items[0].mutable_all_objects() = Pixels(6, 10);
  ASSERT_OK_AND_ASSIGN(const RunScores derived, ScoreRun(items));
  EXPECT_EQ(derived.empty_masks, 1);
  items[0].clear_all_objects();
  ASSERT_OK_AND_ASSIGN(const RunScores unknown, ScoreRun(items));
  EXPECT_EQ(unknown.empty_masks, std::nullopt);

  // A target cannot be larger than the union, nor smaller than what it has in
  // common with the mask.
  for (const int area : {5, 7}) {
    items[2].set_target_area(area);
    EXPECT_THAT(ScoreRun(items), StatusIs(absl::StatusCode::kDataLoss,
                                          HasSubstr("item 3 has a target of")));
  }
}

TEST(ScoreRun, MetricsAndControlsAreToldApart) {
  EXPECT_FALSE(IsControl(ReportCell::PR_50));
  EXPECT_FALSE(IsControl(ReportCell::GIOU));
  EXPECT_TRUE(IsControl(ReportCell::PERMUTED_GIOU));
  EXPECT_TRUE(IsControl(ReportCell::ALL_OBJECTS_GIOU));
  EXPECT_TRUE(IsControl(ReportCell::DISTRACTOR_SHARE));
  EXPECT_TRUE(IsControl(ReportCell::OTHER_OBJECT_GIOU));
}

TEST(ScoreRun, RunsThatCannotBeScoredAreRefused) {
  EXPECT_THAT(ScoreRun({}), StatusIs(absl::StatusCode::kFailedPrecondition,
                                     HasSubstr("no items")));
  std::vector<EvalItem> items = {Item(1, 1, 2), Item(2, 1, 2)};
  items[1].set_split("val");
  EXPECT_THAT(ScoreRun(items),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("'test'"), HasSubstr("'val'"))));
}

TEST(ScoreRun, LogsThatNoWorkerWroteAreDataLoss) {
  const auto lost = [](const std::string& text) {
    return StatusIs(absl::StatusCode::kDataLoss, HasSubstr(text));
  };
  EvalItem without = Item(7, 1, 2);
  without.clear_prediction();
  EXPECT_THAT(ScoreRun({without}), lost("item 7 has no prediction"));
  EXPECT_THAT(ScoreRun({Item(7, 3, 2)}), lost("item 7"));
  EXPECT_THAT(ScoreRun({Item(7, 1, 2), Item(7, 1, 2)}), lost("occurs twice"));
  EvalItem control = Item(7, 1, 2);
  *control.mutable_permuted() = Pixels(-1, 2);
  EXPECT_THAT(ScoreRun({control}), lost("intersection of -1"));
  EvalItem distractor = Item(7, 1, 2);
  *distractor.mutable_distractor() = Pixels(3, 2);
  EXPECT_THAT(ScoreRun({distractor}), lost("intersection of 3"));
}

// Ties at 0.5 and 0.9, an item with an IoU below, and one without any pixel.
std::vector<EvalItem> TiesAndAnEmptyItem() {
  return {Item(1, 5, 10), Item(2, 9, 10), Item(3, 1, 4), Item(4, 0, 0)};
}

TEST(ScoreRunTest, TheColumnsOfEveryMetricAndRuleHaveItsRatio) {
  using enum ScoreRules::EmptyUnion;
  const std::vector<EvalItem> items = TiesAndAnEmptyItem();
  for (const auto empty : {kOne, kZero, kLeftOut}) {
    for (const bool ties : {false, true}) {
      const ScoreRules rules = {.ties_count = ties, .empty_union = empty};
      ASSERT_OK_AND_ASSIGN(const RunScores run, ScoreRun(items, rules));
      for (int i = 0; i < 7; ++i) {
        const Measure& measure = run.measures[i];
        EXPECT_DOUBLE_EQ(Ratio(ColumnsOf(items, measure.kind, rules)),
                         measure.value)
            << ReportCell::Kind_Name(measure.kind) << " "
            << RulesText(ToReportRules(rules));
      }
      EXPECT_EQ(FromReportRules(ToReportRules(rules)), rules);
    }
  }
  // What the rules are about shows.
  ASSERT_OK_AND_ASSIGN(const RunScores ours, ScoreRun(items));
  ASSERT_OK_AND_ASSIGN(
      const RunScores lavt,
      ScoreRun(items, {.ties_count = true, .empty_union = kZero}));
  EXPECT_EQ(ours.measures[0].value, 0.5);
  EXPECT_EQ(lavt.measures[0].value, 0.5);
  EXPECT_EQ(ours.measures[4].value, 0.25);
  EXPECT_EQ(lavt.measures[4].value, 0.25);
  EXPECT_EQ(ours.measures[6].value, (0.5 + 0.9 + 0.25 + 1) / 4);
  EXPECT_EQ(lavt.measures[6].value, (0.5 + 0.9 + 0.25) / 4);
}

TEST(ScoreRunTest, CaptionsNameTheRules) {
  using enum ScoreRules::EmptyUnion;
  EXPECT_EQ(RulesText(ReportRules()),
            "Pr@X: share of items with IoU above X; cIoU: sum of intersections "
            "over sum of unions; gIoU: mean IoU; masks compared at each "
            "image's own size.");
  ReportRules rules =
      ToReportRules({.ties_count = true, .empty_union = kLeftOut});
  EXPECT_EQ(RulesText(rules),
            "Pr@X: share of items with an IoU of X or above; cIoU: sum of "
            "intersections over sum of unions; gIoU: mean IoU; masks compared "
            "at each image's own size. Items without any pixel in either mask, "
            "of which there are 0, are left out.");
  rules = ToReportRules({});
  rules.set_empty_unions(1);
  EXPECT_THAT(RulesText(rules), HasSubstr("there are 1, have an IoU of 1."));
  rules.set_resolution(480);
  EXPECT_THAT(RulesText(rules),
              HasSubstr("masks compared at 480 x 480 pixels. Items"));
}

}  // namespace
}  // namespace transect
