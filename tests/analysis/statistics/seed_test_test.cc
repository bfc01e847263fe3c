#include "analysis/statistics/seed_test.h"

#include <cmath>
#include <vector>

#include "analysis/statistics/effect.h"
#include "analysis/statistics/holm.h"
#include "analysis/statistics/interval.h"
#include "analysis/statistics/mcnemar.h"
#include "data/random/philox.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/statistics/golden_values.h"

namespace transect {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::Pointwise;

void ExpectInterval(const std::optional<Interval>& interval,
                    const nlohmann::json& golden) {
  ASSERT_TRUE(interval.has_value());
  EXPECT_NEAR(interval->low, golden[0].get<double>(), kGoldenError);
  EXPECT_NEAR(interval->high, golden[1].get<double>(), kGoldenError);
}

TEST(SeedTests, ExactTestsIntervalsAndEffectsEqualScipys) {
  for (const nlohmann::json& golden : GoldenValues()["seed_tests"]) {
    const std::vector<double> a = Numbers(golden["a"]);
    const std::vector<double> b = Numbers(golden["b"]);
    EXPECT_NEAR(PermutationP(a, b, {}), golden["p"].get<double>(),
                kGoldenError);
    ExpectInterval(WelchInterval(a, b, 0.95), golden["welch"]);
    ExpectInterval(MeanInterval(a, 0.95), golden["mean"]);
    EXPECT_NEAR(*StandardizedDifference(a, b), golden["g"].get<double>(),
                kGoldenError);
    if (!golden.contains("sign_flip_p")) continue;
    std::vector<double> differences;
    for (size_t i = 0; i < a.size(); ++i) differences.push_back(a[i] - b[i]);
    EXPECT_NEAR(SignFlipP(differences, {}), golden["sign_flip_p"].get<double>(),
                kGoldenError);
  }
}

TEST(SeedTests, DistributionsEqualScipys) {
  const nlohmann::json golden = GoldenValues();
  for (const auto& share : golden["shares"]) {
    ExpectInterval(WilsonInterval(share[0], share[1], 0.95),
                   {share[2], share[3]});
  }
  for (const auto& pair : golden["mcnemar"]) {
    EXPECT_NEAR(McNemarP(pair[0], pair[1]), pair[2].get<double>(),
                kGoldenError);
  }
  EXPECT_EQ(McNemarP(0, 0), 1);
  for (const auto& student : golden["student"]) {
    EXPECT_NEAR(StudentQuantile(student[0], 0.95), student[1].get<double>(),
                kGoldenError);
  }
}

TEST(SeedTests, HolmEqualsNumpys) {
  for (const nlohmann::json& golden : GoldenValues()["holm"]) {
    EXPECT_THAT(
        HolmAdjusted(Numbers(golden["p"]), golden["family"]),
        Pointwise(DoubleNear(kGoldenError), Numbers(golden["adjusted"])));
  }
  EXPECT_TRUE(HolmAdjusted({}, 3).empty());
}

TEST(SeedTests, FewSeedsBoundP) {
  // The table of attainable p values.
  EXPECT_NEAR(SmallestPermutationP(3, 3), 0.1, 1e-12);
  EXPECT_EQ(SmallestSignFlipP(3), 0.25);
  EXPECT_NEAR(SmallestPermutationP(5, 5), 2.0 / 252, 1e-12);
  EXPECT_EQ(SmallestSignFlipP(5), 0.0625);
  EXPECT_NEAR(SmallestPermutationP(3, 5), 1.0 / 56, 1e-12);
  EXPECT_NEAR(SmallestPermutationP(1, 20), 1.0 / 21, 1e-12);
  EXPECT_EQ(SmallestPermutationP(1, 1), 1);
  EXPECT_EQ(SmallestSignFlipP(1), 1);
  // Tests give their bound where the rows are apart.
  EXPECT_NEAR(PermutationP({1, 2, 3}, {7, 8, 9}, {}), 0.1, 1e-12);
  EXPECT_NEAR(PermutationP({10}, {1, 2, 3, 4, 5}, {}), 1.0 / 6, 1e-12);
  EXPECT_EQ(SignFlipP({1, 2, 3}, {}), 0.25);
  EXPECT_EQ(SignFlipP({0, 0}, {}), 1);
}

TEST(SeedTests, FewestSeedsForHolm) {
  std::vector<int> unpaired, paired;
  for (const int m : {1, 2, 3, 4, 5, 8, 10, 15, 20}) {
    unpaired.push_back(SeedsForHolm(m, 0.05, false));
    paired.push_back(SeedsForHolm(m, 0.05, true));
  }
  EXPECT_THAT(unpaired, ElementsAre(4, 5, 5, 5, 5, 6, 6, 6, 6));
  EXPECT_THAT(paired, ElementsAre(6, 7, 7, 8, 8, 9, 9, 10, 10));
}

// Above kMostEnumerated labellings are drawn; at eleven against eleven both
// ways can be had.
TEST(SeedTests, ManySeedsAreDrawn) {
  std::vector<double> a, b, differences;
  for (int i = 0; i < 11; ++i) {
    a.push_back(std::sin(i));
    b.push_back(std::sin(i) + 0.4 + 0.1 * std::cos(3 * i));
    differences.push_back(a.back() - b.back());
  }
  const double p = PermutationP(a, b, {.seed = 1, .count = 4000});
  EXPECT_EQ(p, PermutationP(a, b, {.seed = 1, .count = 4000}));
  EXPECT_NEAR(p, PermutationP(a, b, {.seed = 2, .count = 4000}), 0.04);
  EXPECT_GT(p, 0.1);
  EXPECT_LT(p, 0.5);
  EXPECT_NEAR(SignFlipP(differences, {.seed = 1, .count = 4000}), 2.0 / 2048,
              0.002);
}

TEST(SeedTests, WithoutSpreadThereIsNoEffectSize) {
  EXPECT_FALSE(StandardizedDifference({1, 1}, {2, 2}).has_value());
  EXPECT_FALSE(StandardizedDifference({1}, {2, 3}).has_value());
  EXPECT_FALSE(StandardizedPairs({2, 2}).has_value());
  EXPECT_FALSE(MeanInterval({1}, 0.95).has_value());
  EXPECT_FALSE(WelchInterval({1}, {1, 2}, 0.95).has_value());
  EXPECT_EQ(WelchInterval({2, 2}, {1, 1}, 0.95)->low, 1);
}

TEST(SeedTests, SeedsThatADifferenceNeeds) {
  const nlohmann::json golden = GoldenValues()["seeds_needed"];
  EXPECT_EQ(SeedsNeeded(1, true, 0.05, 0.8, 1),
            std::ceil(golden["paired_at_1"].get<double>()));
  EXPECT_EQ(SeedsNeeded(-0.5, false, 0.05, 0.8, 1),
            std::ceil(golden["unpaired_at_half"].get<double>()));
  EXPECT_EQ(SeedsNeeded(100, true, 0.05, 0.8, 6), 6);
  EXPECT_FALSE(SeedsNeeded(0, true, 0.05, 0.8, 6).has_value());
}

// SeedsNeeded says 16 seeds a row for one deviation. The t test then has the
// power that SciPy's noncentral distribution gives, and the permutation test
// is as good within its Monte Carlo error and one percent.
TEST(SeedTests, PowerOnAKnownEffectIsAsComputed) {
  const nlohmann::json golden = GoldenValues()["power"];
  const int n = golden["n"];
  EXPECT_EQ(SeedsNeeded(golden["d"], false, 0.05, 0.8, 1), n);
  constexpr int kTrials = 2000;
  int rejected = 0;
  for (uint64_t trial = 0; trial < kTrials; ++trial) {
    Philox random(3, "power", trial);
    std::vector<double> a, b;
    for (int i = 0; i < n; ++i) {
      a.push_back(random.NextNormal() + golden["d"].get<double>());
      b.push_back(random.NextNormal());
    }
    rejected += PermutationP(a, b, {.seed = trial, .count = 999}) <= 0.05;
  }
  const double power = golden["power"];
  EXPECT_NEAR(static_cast<double>(rejected) / kTrials, power,
              3 * std::sqrt(power * (1 - power) / kTrials) + 0.01);
}

}  // namespace
}  // namespace transect
