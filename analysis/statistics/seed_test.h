/// \file
/// Exact tests over seeds: what they say holds for what is compared under any
/// seed, and so few seeds bound how small p can be.
#ifndef TRANSECT_ANALYSIS_STATISTICS_SEED_TEST_H_
#define TRANSECT_ANALYSIS_STATISTICS_SEED_TEST_H_

#include "absl/types/span.h"
#include "analysis/statistics/ratio.h"

namespace transect {

/// Up to this many seeds a row all labellings are enumerated.
inline constexpr int kMostEnumerated = 10;

/// Two-sided p of equal distributions of `a` and `b`, each at least one value:
/// the statistic is |mean(a) - mean(b)| under all divisions of the values into
/// groups of these sizes; p = share of those at least as large as observed.
/// With more than kMostEnumerated values in either, draws.count random
/// divisions and p = (1 + number) / (count + 1).
double PermutationP(absl::Span<const double> a, absl::Span<const double> b,
                    const Draws& draws);

/// Two-sided p of differences of pairs that are symmetric about 0, at least
/// one: |mean| under all signs; likewise.
double SignFlipP(absl::Span<const double> differences, const Draws& draws);

/// Smallest p of PermutationP for so many values: 2 / C(2n, n) for equal
/// numbers, else 1 / C(a + b, a).
double SmallestPermutationP(int a, int b);

/// Smallest p of SignFlipP: 2 / 2^n.
double SmallestSignFlipP(int n);

/// Fewest seeds a row with which some test over seeds can pass the first step
/// of Holm's correction over `comparisons` at `level`: smallest p <=
/// level / comparisons.
int SeedsForHolm(int comparisons, double level, bool paired);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_STATISTICS_SEED_TEST_H_
