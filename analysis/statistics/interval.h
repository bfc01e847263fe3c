/// \file
/// Intervals of a mean, a difference and a share. Distributions are those of
/// Boost.Math.
#ifndef TRANSECT_ANALYSIS_STATISTICS_INTERVAL_H_
#define TRANSECT_ANALYSIS_STATISTICS_INTERVAL_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"

namespace transect {

struct Interval {
  double low = 0;
  double high = 0;
};

/// Mean and sample standard deviation (n - 1 in the denominator; 0 for fewer
/// than two values). Sums in the order of the values.
struct Moments {
  int n = 0;
  double mean = 0;
  double sd = 0;
};
Moments MomentsOf(absl::Span<const double> values);

/// The quantile of `sorted`, ascending and not empty, at `share` of 0 to 1,
/// with linear interpolation (type 7 of Hyndman and Fan, numpy's default).
double SortedQuantile(absl::Span<const double> sorted, double share);

/// Percentile interval of bootstrap replicates, at least one.
Interval PercentileInterval(std::vector<double> replicates, double confidence);

/// Quantile of Student's distribution, so that the interval of -t to t holds
/// `confidence` of it.
double StudentQuantile(double degrees_of_freedom, double confidence);

/// Student's interval of a mean; nothing for fewer than two values.
std::optional<Interval> MeanInterval(absl::Span<const double> values,
                                     double confidence);

/// Welch's interval of mean(a) - mean(b), variances not assumed equal; nothing
/// for fewer than two values in either.
std::optional<Interval> WelchInterval(absl::Span<const double> a,
                                      absl::Span<const double> b,
                                      double confidence);

/// Wilson's interval of a share, `successes` of `n` >= 1, without continuity
/// correction. It does not collapse near 0 and 1, as a bootstrap does.
Interval WilsonInterval(int64_t successes, int64_t n, double confidence);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_STATISTICS_INTERVAL_H_
