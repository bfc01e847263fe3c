/// \file
/// Exact test of two shares over the same items. Near 0 and 1, where few items
/// differ, it needs no approximation.
#ifndef TRANSECT_ANALYSIS_STATISTICS_MCNEMAR_H_
#define TRANSECT_ANALYSIS_STATISTICS_MCNEMAR_H_

#include <cstdint>

namespace transect {

/// Two-sided p of McNemar's exact test: of the items that count for exactly one
/// of two runs, `only_first` and `only_second`, half are expected in each;
/// min(1, 2 P(X <= min)), X binomial with share 1/2. 1 without such items.
double McNemarP(int64_t only_first, int64_t only_second);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_STATISTICS_MCNEMAR_H_
