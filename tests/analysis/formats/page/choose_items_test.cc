#include "analysis/formats/page/choose_items.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/answers/study.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Why = GalleryItem::Why;

// Ids of the chosen items by the row that they are of (of kChanged the other
// than the base) and why.
std::map<std::pair<int, Why>, std::vector<int64_t>> Lists(
    const std::vector<GalleryItem>& items) {
  std::map<std::pair<int, Why>, std::vector<int64_t>> lists;
  for (const GalleryItem& item : items) {
    lists[{item.views.back().row, item.why}].push_back(item.item_id);
  }
  return lists;
}

// Item i of 10 has an IoU of i / 10, so ids 100 to 109 from worst to best; with
// rank=8 the last three are lost, with text=ZERO all alike.
double Iou(const std::string& row, int seed, int item) {
  if (seed > 1) return 0.5;
  if (row == "rank=8" && item >= 7) return 0;
  return row == "text=ZERO" ? 0.5 : item % 10 / 10.0;
}

TEST(ChooseItems, TakesTheBestTheWorstAndTheMostChanged) {
  const ReportInput input = Study({.seeds = 2, .items = 10}, Iou);
  const std::vector<GalleryItem> items =
      ChooseItems(input, ReportOf(input), 20);
  ASSERT_THAT(items, SizeIs(20));
  auto lists = Lists(items);
  EXPECT_THAT((lists[{0, Why::kBest}]), ElementsAre(109, 108));
  EXPECT_THAT((lists[{0, Why::kWorst}]), ElementsAre(100, 101));
  // 107 to 109 are as bad as 100: by id.
  EXPECT_THAT((lists[{1, Why::kBest}]), ElementsAre(106, 105));
  EXPECT_THAT((lists[{1, Why::kWorst}]), ElementsAre(100, 107));
  EXPECT_THAT((lists[{1, Why::kChanged}]), ElementsAre(109, 108));
  // Nothing changed there.
  EXPECT_THAT((lists[{2, Why::kChanged}]), IsEmpty());
  EXPECT_THAT((lists[{3, Why::kChanged}]), ElementsAre(100, 101));
  // By table, row, reason: the page shows them so.
  EXPECT_EQ(items[0].item_id, 109);
  EXPECT_EQ(items[0].table, 0);
  ASSERT_THAT(items[0].views, SizeIs(1));
  EXPECT_EQ(items[0].views[0].row, 0);
  EXPECT_EQ(items[0].views[0].spec_id, "base-1");
  for (const GalleryItem& item : items) {
    if (item.why != Why::kChanged) continue;
    ASSERT_THAT(item.views, SizeIs(2));
    EXPECT_EQ(item.views[0].spec_id, "base-1");
    EXPECT_EQ(item.views[0].row, 0);
    EXPECT_NE(item.views[1].row, 0);
    EXPECT_EQ(item.views[1].spec_id.substr(item.views[1].spec_id.size() - 2),
              "-1");
  }
}

TEST(ChooseItems, TakesNoItemAsBestAndAsWorstOfOneRun) {
  const ReportInput input = Study({.seeds = 1, .items = 7}, Iou);
  const std::vector<GalleryItem> items = ChooseItems(input, ReportOf(input));
  std::set<std::tuple<int, bool, int64_t>> seen;
  for (const GalleryItem& item : items) {
    EXPECT_TRUE(seen.emplace(item.views.back().row, item.why == Why::kChanged,
                             item.item_id)
                    .second);
  }
  auto lists = Lists(items);
  for (int row = 0; row < 4; ++row) {
    EXPECT_EQ(
        (lists[{row, Why::kBest}].size() + lists[{row, Why::kWorst}].size()),
        7u)
        << row;
  }
}

TEST(ChooseItems, HasAsManyAsItMayAndTheSameAgain) {
  const auto iou = [](const std::string& row, int seed, int item) {
    return 0.5 + 0.5 * Noise(row, seed, item);
  };
  const ReportInput noisy = Study({.seeds = 2, .items = 300}, iou);
  const ComparisonReport report = ReportOf(noisy);
  const std::vector<GalleryItem> items = ChooseItems(noisy, report);
  EXPECT_THAT(items, SizeIs(kMostGalleryItems));
  const std::vector<GalleryItem> again = ChooseItems(noisy, report);
  for (size_t i = 0; i < items.size(); ++i) {
    EXPECT_EQ(items[i].item_id, again[i].item_id);
  }
  EXPECT_THAT(ChooseItems(noisy, report, 0), IsEmpty());
  // Eleven lists: of equal length, but for the last item.
  for (const auto& [key, ids] : Lists(items)) {
    EXPECT_THAT(ids,
                SizeIs(testing::AllOf(testing::Ge(18u), testing::Le(19u))));
  }
}

TEST(ChooseItems, ShowsARunInTheFirstOfItsTables) {
  ReportInput input = Study({.seeds = 1, .items = 30}, Iou);
  input.tables.push_back(input.tables[0]);
  input.tables[1].name = "second";
  input.tables[1].rows.resize(2);
  input.tables[1].rows[1].runs[0].spec_id = "new";
  for (const GalleryItem& item : ChooseItems(input, ReportOf(input))) {
    if (item.table == 1) {
      EXPECT_EQ(item.views.back().spec_id, "new");
    }
  }
}

TEST(ChooseItems, KnowsRunsThatAreMissingOrOfOtherImages) {
  ReportInput input = Study({.seeds = 2, .items = 30}, Iou);
  TableInput& table = input.tables[0];
  // Of rank=8 the first run; of rank=32 the images are others.
  table.rows[1].runs[0].items = nullptr;
  table.rows[1].runs[0].missing = "failed";
  for (RowInput& row : table.rows) {
    for (RunInput& run : row.runs) run.content_digests["val"] = "a";
  }
  for (RunInput& run : table.rows[2].runs) run.content_digests["val"] = "b";
  for (const GalleryItem& item : ChooseItems(input, ReportOf(input))) {
    for (const GalleryView& view : item.views) {
      EXPECT_NE(view.spec_id, "rank=8-1");
    }
    if (item.why == Why::kChanged) {
      EXPECT_NE(item.views[1].row, 2);
      if (item.views[1].row == 1) {
        EXPECT_EQ(item.views[0].spec_id, "base-2");
      }
    }
  }
}

TEST(ChooseItems, LeavesOutWhatTheRulesLeaveOut) {
  ReportInput input = Study(
      {.seeds = 1, .items = 4, .area = [](int i) { return i == 3 ? 0 : 100; }},
      Iou);
  input.rules.empty_union = ScoreRules::EmptyUnion::kLeftOut;
  for (const GalleryItem& item : ChooseItems(input, ReportOf(input))) {
    EXPECT_NE(item.item_id, 103);
  }
  input.rules.empty_union = ScoreRules::EmptyUnion::kOne;
  EXPECT_EQ(ChooseItems(input, ReportOf(input))[0].item_id, 103);
}

}  // namespace
}  // namespace transect
