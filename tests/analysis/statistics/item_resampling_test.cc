#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/status/status.h"
#include "analysis/statistics/interval.h"
#include "analysis/statistics/item_bootstrap.h"
#include "analysis/statistics/item_permutation.h"
#include "analysis/statistics/matrix_product.h"
#include "analysis/statistics/ratio.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/statistics/golden_values.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::DoubleNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

RatioColumns RatioOf(const nlohmann::json& run) {
  return {Numbers(run[0]), Numbers(run[1])};
}

// The mean over items of their own ratios.
RatioColumns MeanOf(const nlohmann::json& run) {
  RatioColumns columns = RatioOf(run);
  for (size_t i = 0; i < columns.numerators.size(); ++i) {
    columns.numerators[i] /= columns.denominators[i];
  }
  columns.denominators.clear();
  return columns;
}

TEST(ItemBootstrap, RatiosUnderCountsEqualNumpys) {
  const nlohmann::json golden = GoldenValues()["bootstrap"];
  std::vector<RatioColumns> columns;
  for (const auto& run : golden["runs"]) columns.push_back(RatioOf(run));
  for (const auto& run : golden["runs"]) columns.push_back(MeanOf(run));
  ASSERT_OK_AND_ASSIGN(const WeightedRatios ratios,
                       RatiosOfCounts(columns, Numbers(golden["counts"])));
  ASSERT_EQ(ratios.draws, 60);
  for (size_t r = 0; r < 3; ++r) {
    EXPECT_THAT(ratios.Of(r), Pointwise(DoubleNear(kGoldenError),
                                        Numbers(golden["ratios"][r])));
    EXPECT_THAT(ratios.Of(3 + r), Pointwise(DoubleNear(kGoldenError),
                                            Numbers(golden["means"][r])));
  }
  std::vector<double> differences;
  for (size_t b = 0; b < 60; ++b) {
    differences.push_back(ratios.Of(0)[b] - ratios.Of(1)[b]);
  }
  const Interval interval = PercentileInterval(differences, 0.95);
  EXPECT_NEAR(interval.low, golden["interval"][0].get<double>(), kGoldenError);
  EXPECT_NEAR(interval.high, golden["interval"][1].get<double>(), kGoldenError);
  std::ranges::sort(differences);
  EXPECT_DOUBLE_EQ(SortedQuantile(differences, 0.025), interval.low);
  EXPECT_EQ(SortedQuantile(differences, 1), differences.back());
}

// Four items have 4^4 = 256 resamples, each equally likely: the shares of their
// ratios are what the bootstrap draws from.
TEST(ItemBootstrap, DrawsFromTheEnumerationOfAllResamples) {
  const RatioColumns ratio = {{10, 300, 5, 7}, {20, 900, 60, 8}};
  std::vector<double> counts;
  std::vector<double> expected;
  for (int resample = 0; resample < 256; ++resample) {
    std::vector<double> row(4);
    double above = 0;
    double below = 0;
    for (int draw = 0, rest = resample; draw < 4; ++draw, rest /= 4) {
      const auto item = static_cast<size_t>(rest % 4);
      row[item] += 1;
      above += ratio.numerators[item];
      below += ratio.denominators[item];
    }
    counts.insert(counts.end(), row.begin(), row.end());
    expected.push_back(above / below);
  }
  ASSERT_OK_AND_ASSIGN(const WeightedRatios all,
                       RatiosOfCounts({&ratio, 1}, counts));
  EXPECT_THAT(all.Of(0), Pointwise(DoubleNear(1e-15), expected));

  constexpr int kDraws = 20000;
  ASSERT_OK_AND_ASSIGN(
      const WeightedRatios drawn,
      BootstrapRatios({&ratio, 1}, {.seed = 1, .count = kDraws}));
  // At every value the shares below it agree within 4 standard errors.
  for (const double value : expected) {
    const auto share = [&](absl::Span<const double> values) {
      return static_cast<double>(std::ranges::count_if(
                 values, [&](double v) { return v <= value + 1e-12; })) /
             static_cast<double>(values.size());
    };
    const double truth = share(expected);
    EXPECT_NEAR(share(drawn.Of(0)), truth,
                4 * std::sqrt(truth * (1 - truth) / kDraws) + 1e-12);
  }
}

std::vector<RatioColumns> SomeRuns(size_t items) {
  std::vector<RatioColumns> runs(3);
  for (size_t r = 0; r < runs.size(); ++r) {
    for (size_t i = 0; i < items; ++i) {
      runs[r].denominators.push_back(1000.0 + 37.0 * (i * 7 % 11));
      runs[r].numerators.push_back(runs[r].denominators.back() *
                                   ((i * (r + 3)) % 10) / 10);
    }
  }
  return runs;
}

TEST(ItemBootstrap, ThreadsAndOtherRunsChangeNoBit) {
  const std::vector<RatioColumns> runs = SomeRuns(301);
  ASSERT_OK_AND_ASSIGN(
      const WeightedRatios one,
      BootstrapRatios(runs, {.seed = 5, .count = 1500, .threads = 1}));
  ASSERT_OK_AND_ASSIGN(
      const WeightedRatios four,
      BootstrapRatios(runs, {.seed = 5, .count = 1500, .threads = 4}));
  EXPECT_EQ(one.values, four.values);
  ASSERT_OK_AND_ASSIGN(
      const WeightedRatios alone,
      BootstrapRatios({&runs[1], 1}, {.seed = 5, .count = 1500}));
  EXPECT_TRUE(std::ranges::equal(alone.Of(0), one.Of(1)));
  ASSERT_OK_AND_ASSIGN(const WeightedRatios other,
                       BootstrapRatios(runs, {.seed = 6, .count = 1500}));
  EXPECT_NE(one.values, other.values);
}

TEST(ItemBootstrap, ImpossibleColumnsAreRefused) {
  const auto refused = [](const char* text) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(text));
  };
  const auto bootstrap = [](std::vector<RatioColumns> columns, int count = 10) {
    return BootstrapRatios(columns, {.count = count});
  };
  EXPECT_THAT(bootstrap({{{1, 2}}, {{1}}}),
              refused("column 1 has 1 numerator"));
  EXPECT_THAT(bootstrap({{{}}}), refused("at least 1"));
  EXPECT_THAT(bootstrap({{{1, NAN}}}), refused("item 1 is nan"));
  EXPECT_THAT(bootstrap({{{1}, {-1}}}), refused("not negative"));
  EXPECT_THAT(bootstrap({{{1}}}, 0), refused("count of draws is 0"));
}

TEST(ItemBootstrap, NothingAddsUpToTheRatioOfNothing) {
  const RatioColumns nothing = {{0, 0}, {0, 0}, 1};
  EXPECT_EQ(Ratio(nothing), 1);
  ASSERT_OK_AND_ASSIGN(const WeightedRatios ratios,
                       BootstrapRatios({&nothing, 1}, {.count = 10}));
  EXPECT_THAT(ratios.Of(0), ::testing::Each(1));
}

TEST(ItemPermutation, EnumerationEqualsScipys) {
  for (const nlohmann::json& golden : GoldenValues()["item_permutation"]) {
    const std::vector<PairedRuns> comparisons = {
        {{RatioOf(golden["a"])}, {RatioOf(golden["b"])}},
        {{MeanOf(golden["a"])}, {MeanOf(golden["b"])}}};
    ASSERT_OK_AND_ASSIGN(const std::vector<double> p,
                         ItemPermutationP(comparisons, {.count = 1000}));
    EXPECT_NEAR(p[0], golden["ratio_p"].get<double>(), kGoldenError);
    EXPECT_NEAR(p[1], golden["mean_p"].get<double>(), kGoldenError);
    // With fewer draws than exchanges they are drawn.
    ASSERT_OK_AND_ASSIGN(const std::vector<double> drawn,
                         ItemPermutationP(comparisons, {.count = 60}));
    EXPECT_NEAR(drawn[0], p[0], 0.2);
    EXPECT_NE(drawn[0], p[0]);
  }
}

TEST(ItemPermutation, EqualRunsDifferInNothingAndAClearDifferenceIsSeen) {
  const std::vector<RatioColumns> runs = SomeRuns(301);
  RatioColumns better = runs[0];
  for (double& value : better.numerators) value = value * 0.98 + 15;
  const std::vector<PairedRuns> comparisons = {{{runs[0]}, {runs[0]}},
                                               {{better}, {runs[0]}}};
  ASSERT_OK_AND_ASSIGN(const std::vector<double> p,
                       ItemPermutationP(comparisons, {.count = 999}));
  EXPECT_EQ(p[0], 1);
  EXPECT_EQ(p[1], 0.001);
}

TEST(ItemPermutation, UnequalRowsAreRefused) {
  const std::vector<RatioColumns> runs = SomeRuns(5);
  const auto test = [&](PairedRuns pair) {
    return ItemPermutationP({&pair, 1}, {.count = 10});
  };
  EXPECT_THAT(test({{runs[0]}, {runs[1], runs[2]}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("is of 1 and 2 runs")));
  EXPECT_THAT(test({{runs[0]}, {SomeRuns(4)[0]}}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("another number of items")));
}

// What matrix_product.h promises is why results have the same bits everywhere.
TEST(MatrixProduct, SumsOfIntegersAreExact) {
  const std::vector<double> values = {0.1, 1.0 / 3, 1, 0.7};
  const IntegerColumn column = ToIntegers(values);
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(column.values[i], std::nearbyint(column.values[i]));
    EXPECT_NEAR(column.values[i] * column.unit, values[i], 0x1p-50);
    sum += std::abs(column.values[i]);
  }
  EXPECT_LE(sum, 0x1p53);
  const std::vector<double> pixels = {640000, 12345, 0, 1};
  const IntegerColumn exact = ToIntegers(pixels);
  for (size_t i = 0; i < pixels.size(); ++i) {
    EXPECT_EQ(exact.values[i] * exact.unit, pixels[i]);
  }
  EXPECT_THAT(ToIntegers({0.0, 0.0}).values, ::testing::Each(0));
}

TEST(MatrixProduct, MultipliesRowsByColumns) {
  const std::vector<double> weights = {1, 2, 3, 4, 5, 6};
  const std::vector<double> values = {1, 0, 2, 0, 1, 1};
  std::vector<double> product(4);
  MultiplyMatrices(weights.data(), 2, 3, values.data(), 2, product.data());
  EXPECT_THAT(product, ::testing::ElementsAre(7, 16, 5, 11));
}

}  // namespace
}  // namespace transect
