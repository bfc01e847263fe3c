#include "model/layers/score_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

namespace transect {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

TEST(Exponentials, AreNearThoseOfTheLibrary) {
  constexpr int kCount = 1 << 16;
  std::vector<float> x(kCount), y(kCount);
  for (int i = 0; i < kCount; ++i) {
    x[i] = y[i] = -87 * static_cast<float>(i) / (kCount - 1);
  }
  const float sum = Exponentials(kCount, /*shift=*/0, y.data());
  double exact_sum = 0;
  for (int i = 0; i < kCount; ++i) {
    const double exact = std::exp(static_cast<double>(x[i]));
    exact_sum += exact;
    ASSERT_NEAR(y[i] / exact, 1, 2 * 0x1p-23) << "exp(" << x[i] << ")";
  }
  EXPECT_NEAR(sum / exact_sum, 1, 1e-5);
}

TEST(Exponentials, VanishFarBelowAndKeepNan) {
  std::vector<float> x(kScoreLanes, -1000);
  x[3] = 0;
  x[5] = kNoKey;
  EXPECT_EQ(Exponentials(kScoreLanes, 0, x.data()), 1);
  EXPECT_EQ(x[5], 0);
  x.assign(kScoreLanes, 0);
  x[7] = kNan;
  EXPECT_TRUE(std::isnan(Exponentials(kScoreLanes, 0, x.data())));
  EXPECT_EQ(x[6], 1);
}

TEST(PlaceScores, AddsRowsAndColumns) {
  const std::vector<float> of_row = {10, 20};
  std::vector<float> of_column(2 * kScoreLanes), scores(4 * kScoreLanes);
  for (size_t i = 0; i < of_column.size(); ++i) of_column[i] = i;
  for (size_t i = 0; i < scores.size(); ++i) scores[i] = i * 4;
  const ScorePlaces<float> places = {2, 2 * kScoreLanes, 0.5F, of_row.data(),
                                     of_column.data()};
  EXPECT_EQ(PlaceScores(places, -5, scores.data()), 63 * 2 + 20 + 31);
  for (size_t i = 0; i < scores.size(); ++i) {
    EXPECT_EQ(scores[i], 2 * i + of_row[i / 32] + i % 32) << i;
  }
  EXPECT_EQ(PlaceScores(places, 1e6, scores.data()), 1e6);
}

TEST(DifferentiateScores, GivesProbabilitiesTheirGradientsAndSums) {
  const std::vector<float> of_row = {0.5F, -0.5F};
  const std::vector<float> of_column(kScoreLanes, 0.25F);
  std::vector<float> products(2 * kScoreLanes), gradients(2 * kScoreLanes);
  for (size_t i = 0; i < products.size(); ++i) {
    products[i] = static_cast<float>(i) / 8;
    gradients[i] = static_cast<float>(i % 5);
  }
  const std::vector<float> s = products, dp = gradients;
  std::vector<float> rows = {1, 2}, columns(kScoreLanes, 3);
  DifferentiateScores(
      {2, kScoreLanes, 0.5F, of_row.data(), of_column.data()},
      {/*log_sum=*/4, /*delta=*/1.5F, rows.data(), columns.data()},
      products.data(), gradients.data());
  std::vector<double> expected_rows = {1, 2}, expected_columns(kScoreLanes, 3);
  for (size_t i = 0; i < s.size(); ++i) {
    const double p = std::exp(0.5 * s[i] + of_row[i / kScoreLanes] + 0.25 - 4);
    EXPECT_NEAR(products[i], p, 1e-6 * p);
    EXPECT_NEAR(gradients[i], p * (dp[i] - 1.5), 1e-6);
    expected_rows[i / kScoreLanes] += p * (dp[i] - 1.5);
    expected_columns[i % kScoreLanes] += p * (dp[i] - 1.5);
  }
  for (int i = 0; i < 2; ++i) EXPECT_NEAR(rows[i], expected_rows[i], 1e-5);
  for (int i = 0; i < kScoreLanes; ++i) {
    EXPECT_NEAR(columns[i], expected_columns[i], 1e-5);
  }
}

TEST(RoundRow, RoundsToNearestAndTiesToEven) {
  std::vector<float> x(kScoreLanes, 0);
  const auto from_bits = [](uint32_t bits) {
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    return value;
  };
  x[0] = from_bits(0x3F808000);  // a tie, down to even
  x[1] = from_bits(0x3F818000);  // a tie, up to even
  x[2] = from_bits(0x3F808001);
  x[3] = -1;
  x[4] = std::numeric_limits<float>::infinity();
  x[5] = from_bits(0x7FFFFFFF);  // a NaN that would carry over
  std::vector<uint16_t> y(kScoreLanes), pairs(2 * kScoreLanes);
  RoundRow(kScoreLanes, x.data(), y.data());
  EXPECT_EQ(y[0], 0x3F80);
  EXPECT_EQ(y[1], 0x3F82);
  EXPECT_EQ(y[2], 0x3F81);
  EXPECT_EQ(y[3], 0xBF80);
  EXPECT_EQ(y[4], 0x7F80);
  EXPECT_EQ(y[5] & 0x7FFF, 0x7FFF);
  const std::vector<float> second(kScoreLanes, 2);
  RoundRowPair(kScoreLanes, x.data(), second.data(), pairs.data());
  for (int i = 0; i < kScoreLanes; ++i) {
    EXPECT_EQ(pairs[2 * i], y[i]) << i;
    EXPECT_EQ(pairs[2 * i + 1], 0x4000) << i;
  }
}

}  // namespace
}  // namespace transect
