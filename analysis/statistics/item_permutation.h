/// \file
/// Permutation test over items for two rows of a table.
#ifndef TRANSECT_ANALYSIS_STATISTICS_ITEM_PERMUTATION_H_
#define TRANSECT_ANALYSIS_STATISTICS_ITEM_PERMUTATION_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analysis/statistics/ratio.h"

namespace transect {

/// Two rows of a table in equal numbers of runs; run s of one belongs to run s
/// of the other.
struct PairedRuns {
  std::vector<RatioColumns> first;
  std::vector<RatioColumns> second;
};

/// Two-sided p of the hypothesis that the labels of `first` and `second` mean
/// nothing, for each comparison: the statistic is the difference of the means
/// over runs of the ratios; for each item, all runs of `first` exchange their
/// values with those of `second` with probability 1/2. With 2^items <= count
/// all exchanges are enumerated, p = share with |T*| >= |T|; else
/// p = (1 + number of |T*| >= |T|) / (count + 1). It speaks about these runs.
/// Errors of CheckColumns, and kInvalidArgument for a pair of unequal or no
/// runs.
absl::StatusOr<std::vector<double>> ItemPermutationP(
    absl::Span<const PairedRuns> comparisons, const Draws& draws);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_STATISTICS_ITEM_PERMUTATION_H_
