#include "analysis/statistics/effect.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>

#include "analysis/statistics/interval.h"

namespace transect {

double SmallSampleCorrection(double degrees_of_freedom) {
  if (degrees_of_freedom <= 1) return 0;
  const double half = degrees_of_freedom / 2;
  return boost::math::tgamma_delta_ratio(half - 0.5, 0.5) > 0
             ? 1 / (std::sqrt(half) *
                    boost::math::tgamma_delta_ratio(half - 0.5, 0.5))
             : 0;
}

std::optional<double> StandardizedDifference(absl::Span<const double> a,
                                             absl::Span<const double> b) {
  const Moments first = MomentsOf(a);
  const Moments second = MomentsOf(b);
  if (first.n < 2 || second.n < 2) return std::nullopt;
  const double freedom = first.n + second.n - 2;
  const double pooled = std::sqrt(((first.n - 1) * first.sd * first.sd +
                                   (second.n - 1) * second.sd * second.sd) /
                                  freedom);
  if (pooled == 0) return std::nullopt;
  return (first.mean - second.mean) / pooled * SmallSampleCorrection(freedom);
}

std::optional<double> StandardizedPairs(absl::Span<const double> differences) {
  const Moments moments = MomentsOf(differences);
  if (moments.n < 2 || moments.sd == 0) return std::nullopt;
  return moments.mean / moments.sd * SmallSampleCorrection(moments.n - 1);
}

std::optional<int> SeedsNeeded(double standardized, bool paired, double level,
                               double power, int fewest) {
  constexpr double kMost = 1e6;
  const boost::math::normal normal;
  const double z =
      boost::math::quantile(boost::math::complement(normal, level / 2)) +
      boost::math::quantile(normal, power);
  const double root = z / std::abs(standardized);
  const double n = (paired ? 1 : 2) * root * root;
  if (!(n <= kMost)) return std::nullopt;
  return std::max(fewest, static_cast<int>(std::ceil(n)));
}

}  // namespace transect
