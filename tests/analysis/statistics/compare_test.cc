#include "analysis/statistics/compare.h"

#include <cmath>
#include <vector>

#include "absl/status/status.h"
#include "analysis/statistics/holm.h"
#include "data/random/philox.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

// A run on items of log-normal sizes, the IoU of each a little of its own.
// Seeds shift all items of a run.
RatioColumns Run(size_t items, double quality, double seed_sd, bool ratio,
                 Philox* random) {
  Philox of_items(9, "items");
  RatioColumns columns;
  const double shift = seed_sd * random->NextNormal();
  for (size_t i = 0; i < items; ++i) {
    const double size = std::round(std::exp(9 + 1.5 * of_items.NextNormal()));
    const double logit =
        quality + of_items.NextNormal() + shift + 0.5 * random->NextNormal();
    const double iou = 1 / (1 + std::exp(-logit));
    columns.numerators.push_back(ratio ? std::round(iou * size) : iou);
    if (ratio) columns.denominators.push_back(size);
  }
  return columns;
}

RowRuns Row(int seeds, size_t items, double quality, Philox* random,
            bool ratio = true, double seed_sd = 0.1) {
  RowRuns row;
  for (int s = 0; s < seeds; ++s) {
    row.seeds.push_back(static_cast<uint64_t>(s + 1));
    row.runs.push_back(Run(items, quality, seed_sd, ratio, random));
  }
  return row;
}

TEST(CompareRows, OneRunARowIsComparedOverItemsOnly) {
  Philox random(1, "rows");
  const RowRuns base = Row(1, 200, 0.5, &random);
  const std::vector<RowRuns> rows = {Row(1, 200, 1.2, &random), base};
  ASSERT_OK_AND_ASSIGN(const std::vector<RowComparison> comparisons,
                       CompareRows(base, rows, {}));
  const RowComparison& better = comparisons[0];
  EXPECT_EQ(better.difference, Ratio(rows[0].runs[0]) - Ratio(base.runs[0]));
  EXPECT_LT(better.items.low, better.difference);
  EXPECT_GT(better.items.low, 0);
  EXPECT_GT(better.items.high, better.difference);
  EXPECT_LT(better.p_items, 0.001);
  EXPECT_FALSE(better.seeds.has_value());
  EXPECT_FALSE(better.seeds_and_items.has_value());
  EXPECT_FALSE(better.p_seeds.has_value());
  EXPECT_EQ(better.pairs, 1);
  EXPECT_EQ(comparisons[1].difference, 0);
  EXPECT_EQ(comparisons[1].p_items, 1);
  EXPECT_EQ(comparisons[1].items.high, 0);
}

TEST(CompareRows, SeedsAndItemsAreWiderThanItems) {
  Philox random(2, "rows");
  const RowRuns base = Row(4, 200, 0.5, &random);
  const RowRuns row = Row(4, 200, 1.5, &random);
  ASSERT_OK_AND_ASSIGN(const std::vector<RowComparison> comparisons,
                       CompareRows(base, {&row, 1}, {}));
  const RowComparison& comparison = comparisons[0];
  EXPECT_LT(comparison.seeds_and_items->low, comparison.items.low);
  EXPECT_GT(comparison.seeds_and_items->high, comparison.items.high);
  EXPECT_NEAR(*comparison.p_seeds, 2.0 / 70, 1e-12) << "all four are better";
  EXPECT_NEAR(*comparison.smallest_p, 2.0 / 70, 1e-12);
  EXPECT_GT(*comparison.standardized, 1);
  EXPECT_EQ(comparison.pairs, 4);

  CompareSettings paired;
  paired.paired_seeds = true;
  ASSERT_OK_AND_ASSIGN(const std::vector<RowComparison> of_pairs,
                       CompareRows(base, {&row, 1}, paired));
  EXPECT_EQ(of_pairs[0].p_seeds, 0.125);
  EXPECT_EQ(of_pairs[0].smallest_p, 0.125);
}

TEST(CompareRows, AMissingSeedTakesItsPairAndTheTestOverItemsAway) {
  Philox random(3, "rows");
  const RowRuns base = Row(3, 60, 0.5, &random);
  RowRuns row = Row(3, 60, 0.5, &random);
  row.seeds.erase(row.seeds.begin());
  row.runs.erase(row.runs.begin());
  CompareSettings settings;
  settings.paired_seeds = true;
  ASSERT_OK_AND_ASSIGN(const std::vector<RowComparison> comparisons,
                       CompareRows(base, {&row, 1}, settings));
  EXPECT_EQ(comparisons[0].pairs, 2);
  EXPECT_FALSE(comparisons[0].p_items.has_value());
  EXPECT_EQ(comparisons[0].smallest_p, 0.5);
}

TEST(CompareRows, RunsWithoutASeedHaveNoTestOverSeeds) {
  Philox random(4, "rows");
  RowRuns base = Row(1, 60, 0.5, &random);
  base.seeds = {std::nullopt};
  const RowRuns row = Row(2, 60, 0.5, &random);
  ASSERT_OK_AND_ASSIGN(const std::vector<RowComparison> comparisons,
                       CompareRows(base, {&row, 1}, {}));
  EXPECT_FALSE(comparisons[0].p_seeds.has_value());
  EXPECT_FALSE(comparisons[0].p_items.has_value());
}

TEST(CompareRows, RowsWithoutRunsAreRefused) {
  EXPECT_THAT(CompareRows({}, {}, {}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("0 runs and 0 seeds")));
}

// Share of 1,000 tables of a base and four rows without any effect in which the
// correction leaves some p at 0.05 or below.
double StarredShare(int seeds, size_t items, bool ratio, bool over_items) {
  constexpr int kTables = 1000;
  int starred = 0;
  for (uint64_t table = 0; table < kTables; ++table) {
    Philox random(11, "null tables", table);
    const RowRuns base = Row(seeds, items, 0.5, &random, ratio);
    std::vector<RowRuns> rows;
    for (int r = 0; r < 4; ++r) {
      rows.push_back(Row(seeds, items, 0.5, &random, ratio));
      if (over_items) {
        // Tests over items speak of the runs, which differ by their seeds.
        rows.back() = Row(seeds, items, 0.5, &random, ratio, 0);
      }
    }
    CompareSettings settings;
    settings.draws = {table, 400, 1};
    const auto comparisons = CompareRows(
        over_items ? Row(seeds, items, 0.5, &random, ratio, 0) : base, rows,
        settings);
    EXPECT_THAT(comparisons, IsOk());
    std::vector<double> p;
    for (const RowComparison& comparison : *comparisons) {
      p.push_back(over_items ? *comparison.p_items : *comparison.p_seeds);
    }
    bool star = false;
    for (const double adjusted : HolmAdjusted(p, 4)) {
      star = star || adjusted <= 0.05;
    }
    starred += star ? 1 : 0;
  }
  return static_cast<double>(starred) / kTables;
}

// 0.05 and three standard errors of a share of 1,000 tables, 0.0069 each.
constexpr double kMostStarred = 0.0707;

TEST(CompareRows, TablesWithoutEffectHaveFewStars) {
  EXPECT_LE(StarredShare(1, 100, false, true), kMostStarred) << "gIoU";
  EXPECT_LE(StarredShare(1, 100, true, true), kMostStarred) << "cIoU";
  EXPECT_LE(StarredShare(6, 20, false, false), kMostStarred) << "seeds";
  EXPECT_EQ(StarredShare(3, 5, false, false), 0) << "three seeds never decide";
}

}  // namespace
}  // namespace transect
