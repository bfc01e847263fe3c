/// \file
/// Measures of a run as ratios of two sums over items, and how they are
/// resampled.
///
/// Every measure of segmentation is one: cIoU is the sum of intersections over
/// the sum of unions; gIoU and Pr@X are sums over the number of items. A
/// resample of items changes both sums, so the ratio is formed again; ratios
/// are never averaged.
#ifndef TRANSECT_ANALYSIS_STATISTICS_RATIO_H_
#define TRANSECT_ANALYSIS_STATISTICS_RATIO_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace transect {

/// The values of one run, item by item, in an order that all runs share.
struct RatioColumns {
  std::vector<double> numerators;
  /// Not negative; empty where each item has 1.
  std::vector<double> denominators = {};
  /// The ratio where the denominators add up to 0.
  double if_empty = 0;
};

/// The ratio over all items, each once; sums in the order of the items.
double Ratio(const RatioColumns& columns);

/// How something is drawn.
struct Draws {
  /// Key of the streams (data/random/philox.h).
  uint64_t seed = 0;
  /// How often.
  int count = 10000;
  /// Threads; 0 for as many as the machine has processors. The result is the
  /// same with any number.
  int threads = 0;
};

/// Ratios under weights of items.
struct WeightedRatios {
  /// Of each draw the ratios of all columns, column by column.
  std::vector<double> values;
  int draws = 0;

  absl::Span<const double> Of(size_t column) const {
    return {values.data() + column * static_cast<size_t>(draws),
            static_cast<size_t>(draws)};
  }
};

/// kInvalidArgument if columns differ in their numbers of items or have none, a
/// value is not finite, or a denominator is negative.
absl::Status CheckColumns(absl::Span<const RatioColumns> columns);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_STATISTICS_RATIO_H_
