/// \file
/// Bootstrap of items, the same draws for all runs.
///
/// A resample of N items is N draws with replacement; what counts is how often
/// each item was drawn. So all resamples of all runs are one product of
/// matrices: counts (resamples x items) times values (items x runs). Draw b is
/// the same for every run, every metric and every number of threads: its stream
/// is keyed by (seed, purpose, b).
#ifndef TRANSECT_ANALYSIS_STATISTICS_ITEM_BOOTSTRAP_H_
#define TRANSECT_ANALYSIS_STATISTICS_ITEM_BOOTSTRAP_H_

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analysis/statistics/ratio.h"

namespace transect {

/// The ratios of all columns in each bootstrap resample of the items. Columns
/// of different runs are resampled together, so differences of two columns of
/// one draw are those of a paired bootstrap. Errors of CheckColumns, and
/// kInvalidArgument for a count of draws below 1.
absl::StatusOr<WeightedRatios> BootstrapRatios(
    absl::Span<const RatioColumns> columns, const Draws& draws);

/// The ratios under given counts of items, a row of as many counts as there are
/// items for each draw. What BootstrapRatios computes for its own counts.
absl::StatusOr<WeightedRatios> RatiosOfCounts(
    absl::Span<const RatioColumns> columns, absl::Span<const double> counts);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_STATISTICS_ITEM_BOOTSTRAP_H_
