/// \file
/// Rows of runs against a row of runs: difference, intervals, tests, effect.
/// What tables and claims say about certainty is computed here.
///
/// Two questions are kept apart. Items: do these trained runs differ, on items
/// like these? Seeds: does what is compared differ, under any seed? The former
/// can be certain with one run a row, the latter never is below four seeds.
#ifndef TRANSECT_ANALYSIS_STATISTICS_COMPARE_H_
#define TRANSECT_ANALYSIS_STATISTICS_COMPARE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analysis/statistics/interval.h"
#include "analysis/statistics/ratio.h"

namespace transect {

/// The runs of one row in one measure.
struct RowRuns {
  /// Seed of each; absent where nothing random enters it.
  std::vector<std::optional<uint64_t>> seeds;
  std::vector<RatioColumns> runs;
};

struct CompareSettings {
  Draws draws;
  /// Of intervals, inside (0, 1).
  double confidence = 0.95;
  /// Whether tests and intervals over seeds pair equal seeds.
  bool paired_seeds = false;
  /// Whether p values are computed; they cost as much as the intervals.
  bool with_tests = true;
  /// Whether intervals are; else those of RowComparison are empty or absent.
  bool with_intervals = true;
};

/// One row against the base.
struct RowComparison {
  /// Mean over the row's runs minus mean over the base's.
  double difference = 0;
  /// Pairs of equal seeds; runs without a seed pair by their order.
  int pairs = 0;
  /// Paired bootstrap of items: about these runs.
  Interval items;
  /// Student's (of pairs) or Welch's over seeds: about any seed, on these
  /// items; absent below two runs (pairs).
  std::optional<Interval> seeds;
  /// Bootstrap of seeds and items (two_level.h); absent likewise.
  std::optional<Interval> seeds_and_items;
  /// ItemPermutationP of the pairs; absent where not all runs have a partner,
  /// and without tests.
  std::optional<double> p_items;
  /// PermutationP, or SignFlipP of the pairs; absent below two runs (pairs),
  /// where a run has no seed, and without tests.
  std::optional<double> p_seeds;
  /// What `p_seeds` can be at best; absent with it.
  std::optional<double> smallest_p;
  /// StandardizedDifference, or StandardizedPairs; absent as they are.
  std::optional<double> standardized;
};

/// Compares each of `rows` with `base`; all have at least one run, on the same
/// items in the same order. Errors of BootstrapRatios.
absl::StatusOr<std::vector<RowComparison>> CompareRows(
    const RowRuns& base, absl::Span<const RowRuns> rows,
    const CompareSettings& settings);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_STATISTICS_COMPARE_H_
