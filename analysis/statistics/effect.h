/// \file
/// How large a difference is beside the spread of seeds, and how many seeds it
/// takes to see it.
#ifndef TRANSECT_ANALYSIS_STATISTICS_EFFECT_H_
#define TRANSECT_ANALYSIS_STATISTICS_EFFECT_H_

#include <optional>

#include "absl/types/span.h"

namespace transect {

/// Hedges' correction of a standardized difference with so many degrees of
/// freedom, at least 1, for its bias in small samples:
/// gamma(f/2) / (sqrt(f/2) gamma((f - 1)/2)); 0 for f = 1.
double SmallSampleCorrection(double degrees_of_freedom);

/// Hedges' g: (mean(a) - mean(b)) over the pooled standard deviation, corrected
/// with n_a + n_b - 2 degrees of freedom. Nothing for fewer than two values in
/// either, or without any spread.
std::optional<double> StandardizedDifference(absl::Span<const double> a,
                                             absl::Span<const double> b);

/// The same of pairs: the mean of the differences over their standard
/// deviation, corrected with n - 1 degrees of freedom.
std::optional<double> StandardizedPairs(absl::Span<const double> differences);

/// Seeds a row for a two-sided test at `level` to find a difference of
/// `standardized` standard deviations with this `power`, by the normal
/// approximation: paired ((z_level/2 + z_power) / standardized)^2, which is
/// 7.85 / standardized^2 at 0.05 and 0.8; unpaired twice that. Never below
/// `fewest`. Nothing for a difference of 0 or more than 10^6 seeds.
std::optional<int> SeedsNeeded(double standardized, bool paired, double level,
                               double power, int fewest);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_STATISTICS_EFFECT_H_
