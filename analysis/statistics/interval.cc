#include "analysis/statistics/interval.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace transect {

Moments MomentsOf(absl::Span<const double> values) {
  Moments moments;
  moments.n = static_cast<int>(values.size());
  if (values.empty()) return moments;
  for (const double value : values) moments.mean += value;
  moments.mean /= moments.n;
  if (moments.n < 2) return moments;
  double squares = 0;
  for (const double value : values) {
    squares += (value - moments.mean) * (value - moments.mean);
  }
  moments.sd = std::sqrt(squares / (moments.n - 1));
  return moments;
}

double SortedQuantile(absl::Span<const double> sorted, double share) {
  const double place = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(place);
  if (below + 1 >= sorted.size()) return sorted.back();
  const double rest = place - static_cast<double>(below);
  return sorted[below] + rest * (sorted[below + 1] - sorted[below]);
}

Interval PercentileInterval(std::vector<double> replicates, double confidence) {
  // The order statistics around both quantiles are enough.
  const double tail = (1 - confidence) / 2;
  const auto at = [&replicates](double share) {
    const double place = share * static_cast<double>(replicates.size() - 1);
    const auto below = static_cast<std::ptrdiff_t>(place);
    const auto nth = replicates.begin() + below;
    std::ranges::nth_element(replicates, nth);
    if (nth + 1 == replicates.end()) return *nth;
    const double next = *std::min_element(nth + 1, replicates.end());
    return *nth + (place - static_cast<double>(below)) * (next - *nth);
  };
  return {at(tail), at(1 - tail)};
}

double StudentQuantile(double degrees_of_freedom, double confidence) {
  return boost::math::quantile(boost::math::complement(
      boost::math::students_t(degrees_of_freedom), (1 - confidence) / 2));
}

std::optional<Interval> MeanInterval(absl::Span<const double> values,
                                     double confidence) {
  const Moments moments = MomentsOf(values);
  if (moments.n < 2) return std::nullopt;
  const double half = StudentQuantile(moments.n - 1, confidence) * moments.sd /
                      std::sqrt(moments.n);
  return Interval{moments.mean - half, moments.mean + half};
}

std::optional<Interval> WelchInterval(absl::Span<const double> a,
                                      absl::Span<const double> b,
                                      double confidence) {
  const Moments first = MomentsOf(a);
  const Moments second = MomentsOf(b);
  if (first.n < 2 || second.n < 2) return std::nullopt;
  const double va = first.sd * first.sd / first.n;
  const double vb = second.sd * second.sd / second.n;
  const double difference = first.mean - second.mean;
  if (va + vb == 0) return Interval{difference, difference};
  const double freedom = (va + vb) * (va + vb) /
                         (va * va / (first.n - 1) + vb * vb / (second.n - 1));
  const double half = StudentQuantile(freedom, confidence) * std::sqrt(va + vb);
  return Interval{difference - half, difference + half};
}

Interval WilsonInterval(int64_t successes, int64_t n, double confidence) {
  const double z = boost::math::quantile(
      boost::math::complement(boost::math::normal(), (1 - confidence) / 2));
  const auto count = static_cast<double>(n);
  const double share = static_cast<double>(successes) / count;
  const double scale = 1 + z * z / count;
  const double middle = (share + z * z / (2 * count)) / scale;
  const double half =
      z / scale *
      std::sqrt(share * (1 - share) / count + z * z / (4 * count * count));
  return {successes == 0 ? 0 : middle - half,
          successes == n ? 1 : middle + half};
}

}  // namespace transect
