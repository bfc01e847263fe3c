#include "analysis/audit/granularity.h"

#include <vector>

#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(TailOfFitsTest, OfUnequalChancesIsTheSumOverAllOutcomes) {
  const std::vector<double> chances = {0.1, 0.5, 0.9};
  const auto by_hand = [&](int fits) {
    double sum = 0;
    for (int outcome = 0; outcome < 8; ++outcome) {
      int happened = 0;
      double probability = 1;
      for (int i = 0; i < 3; ++i) {
        const bool yes = (outcome >> i & 1) != 0;
        happened += yes ? 1 : 0;
        probability *= yes ? chances[i] : 1 - chances[i];
      }
      if (happened >= fits) sum += probability;
    }
    return sum;
  };
  for (int fits = 0; fits <= 3; ++fits) {
    EXPECT_NEAR(TailOfFits(chances, fits), by_hand(fits), 1e-15) << fits;
  }
  EXPECT_EQ(TailOfFits(chances, 4), 0);
}

TEST(TailOfFitsTest, OfEqualChancesIsTheBinomialTail) {
  // 5 of 5 at 0.174, and 4 or more.
  const std::vector<double> chances(5, 0.174);
  EXPECT_NEAR(TailOfFits(chances, 5), 0.174 * 0.174 * 0.174 * 0.174 * 0.174,
              1e-18);
  EXPECT_NEAR(TailOfFits(chances, 4),
              0.174 * 0.174 * 0.174 * 0.174 * (0.174 + 5 * 0.826), 1e-17);
}

TEST(ChanceOfFitTest, GrowsWithTheItemsAndShrinksWithTheDigits) {
  const PrintedNumber two_digits = *ParsePrintedNumber("72.52");
  EXPECT_DOUBLE_EQ(ChanceOfFit(two_digits, 1740, Shortening::kRounded), 0.174);
  EXPECT_DOUBLE_EQ(ChanceOfFit(two_digits, 1740, Shortening::kEither), 0.261);
  EXPECT_DOUBLE_EQ(
      ChanceOfFit(*ParsePrintedNumber("72.5"), 174, Shortening::kTruncated),
      0.174);
  // Every value fits: no count says anything.
  EXPECT_EQ(ChanceOfFit(two_digits, 12181, Shortening::kRounded), 1);
  EXPECT_EQ(CountFits({two_digits}, 12181, Shortening::kRounded).tail, 1);
}

}  // namespace
}  // namespace transect
