#include "analysis/statistics/coverage/coverage.h"

#include <cmath>

#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

constexpr double kSimulatedError = 0.012;

TEST(Coverage, TheNextSmallerSimulationAnswers) {
  const auto of = [](CoverageCase asked) {
    return CoverageOf(asked)->simulated;
  };
  EXPECT_EQ(of({IntervalLevel::kItems, 3, 3481, false}).items, 3481);
  EXPECT_EQ(of({IntervalLevel::kItems, 1, 999, false}).items, 200);
  EXPECT_EQ(of({IntervalLevel::kItems, 1, 7, false}).items, 50);
  const CoverageCase both = of({IntervalLevel::kSeedsAndItems, 7, 1740, true});
  EXPECT_EQ(both.seeds, 6);
  EXPECT_EQ(both.items, 1000);
  EXPECT_TRUE(both.paired);
  EXPECT_EQ(of({IntervalLevel::kSeeds, 2, 10, false}).seeds, 2);
  EXPECT_FALSE(CoverageOf({IntervalLevel::kSeeds, 1, 100, false}).has_value());
  EXPECT_FALSE(CoverageOf({IntervalLevel::kItems, 1, 0, false}).has_value());
}

TEST(Coverage, OnlyWhatHoldsNineTimesInTenIsOffered) {
  for (const KnownCoverage& known : AllCoverages()) {
    EXPECT_EQ(IsOffered(known.simulated), known.coverage.share >= 0.90);
    const double trials = known.simulated.items < 1000 ? 2000 : 1000;
    EXPECT_NEAR(
        known.coverage.standard_error,
        std::sqrt(known.coverage.share * (1 - known.coverage.share) / trials),
        1e-4);
    EXPECT_LE(known.coverage.standard_error, kSimulatedError);
  }
  EXPECT_FALSE(IsOffered({IntervalLevel::kSeedsAndItems, 1, 3481, false}));
}

// With other draws the same comes out within three standard errors of the
// difference.
TEST(Coverage, ASecondSimulationAgrees) {
  constexpr int kTrials = 500;
  for (const CoverageCase& the_case :
       {CoverageCase{IntervalLevel::kItems, 1, 200, false},
        CoverageCase{IntervalLevel::kSeeds, 3, 200, false},
        CoverageCase{IntervalLevel::kSeeds, 5, 200, true},
        CoverageCase{IntervalLevel::kSeedsAndItems, 2, 200, false},
        CoverageCase{IntervalLevel::kSeedsAndItems, 5, 50, false},
        CoverageCase{IntervalLevel::kSeedsAndItems, 3, 200, true}}) {
    ASSERT_OK_AND_ASSIGN(const SimulatedCoverage second,
                         SimulateCoverage(the_case, kTrials, 1000, 2));
    const auto known = CoverageOf(the_case);
    ASSERT_EQ(known->simulated.items, the_case.items);
    ASSERT_EQ(known->simulated.seeds, the_case.seeds);
    EXPECT_NEAR(
        second.share, known->coverage.share,
        3 * std::hypot(second.standard_error, known->coverage.standard_error))
        << static_cast<int>(the_case.level) << " " << the_case.seeds << " "
        << the_case.items;
  }
}

TEST(Coverage, SimulationsOfTooFewSeedsAreRefused) {
  EXPECT_THAT(SimulateCoverage({IntervalLevel::kSeeds, 1, 50, false}, 1, 10, 1),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

}  // namespace
}  // namespace transect
