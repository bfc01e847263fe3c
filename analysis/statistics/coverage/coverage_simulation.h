/// \file
/// How often intervals of a difference hold the truth, by simulation.
///
/// Two rows of runs that differ in nothing but chance, so that the true
/// difference is 0. Item i has a target of U_i pixels, log-normal with sigma
/// 1.5, and a difficulty; a run's IoU on it is
///
///     logistic(0.8 + z_i + w_ir + s_rs + e_irs)
///
/// with z of the item (sd 1), w of item and row (0.5), s of the run (0.1) and e
/// of item and run (0.5), all normal. The measure is cIoU, whose few large
/// items make intervals harder to get right than those of means.
#ifndef TRANSECT_ANALYSIS_STATISTICS_COVERAGE_COVERAGE_SIMULATION_H_
#define TRANSECT_ANALYSIS_STATISTICS_COVERAGE_COVERAGE_SIMULATION_H_

#include <cstdint>

#include "absl/status/statusor.h"

namespace transect {

/// Kinds of intervals of a difference, RowComparison (compare.h).
enum class IntervalLevel {
  /// Bootstrap of items. The truth is of the runs, so s is 0.
  kItems,
  /// Over seeds. The truth is of the items, so w is 0.
  kSeeds,
  /// Bootstrap of seeds and items.
  kSeedsAndItems,
};

struct CoverageCase {
  IntervalLevel level = IntervalLevel::kItems;
  /// Runs of each row; for kItems 1 or more, else 2 or more.
  int seeds = 1;
  int items = 50;
  /// Whether seeds are paired; equal seeds then share half of the variance of
  /// s.
  bool paired = false;
};

struct SimulatedCoverage {
  /// Share of intervals with a confidence of 0.95 that hold 0.
  double share = 0;
  /// Root of share (1 - share) / trials.
  double standard_error = 0;
};

/// Simulates `trials` comparisons with `resamples` draws each.
absl::StatusOr<SimulatedCoverage> SimulateCoverage(const CoverageCase& the_case,
                                                   int trials, int resamples,
                                                   uint64_t seed);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_STATISTICS_COVERAGE_COVERAGE_SIMULATION_H_
