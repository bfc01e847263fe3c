#include "analysis/audit/granularity.h"

#include <algorithm>
#include <cstddef>

#include "boost/math/distributions/binomial.hpp"

namespace transect {

double ChanceOfFit(const PrintedNumber& number, int64_t items,
                   Shortening shortening) {
  const double each =
      static_cast<double>(items) / (100.0 * static_cast<double>(number.scale));
  return std::min(1.0, shortening == Shortening::kEither ? 1.5 * each : each);
}

double TailOfFits(absl::Span<const double> chances, int fits) {
  const int values = static_cast<int>(chances.size());
  if (fits <= 0) return 1;
  if (fits > values) return 0;
  const bool equal = std::ranges::all_of(
      chances, [&](double chance) { return chance == chances[0]; });
  if (equal) {
    return boost::math::cdf(boost::math::complement(
        boost::math::binomial(values, chances[0]), fits - 1));
  }
  // By count the probability of so many; sums of products of what is positive,
  // so small ones are as exact as large ones.
  std::vector<double> probability(values + 1, 0.0);
  probability[0] = 1;
  for (int i = 0; i < values; ++i) {
    for (int k = i + 1; k > 0; --k) {
      probability[k] =
          probability[k] * (1 - chances[i]) + probability[k - 1] * chances[i];
    }
    probability[0] *= 1 - chances[i];
  }
  double tail = 0;
  for (int k = values; k >= fits; --k) tail += probability[k];
  return std::min(1.0, tail);
}

FitCount CountFits(absl::Span<const PrintedNumber> numbers, int64_t items,
                   Shortening shortening) {
  FitCount count;
  std::vector<double> chances;
  for (const PrintedNumber& number : numbers) {
    count.fits += WholeShare(number, items, shortening).has_value() ? 1 : 0;
    chances.push_back(ChanceOfFit(number, items, shortening));
    count.expected += chances.back();
  }
  count.tail = TailOfFits(chances, count.fits);
  return count;
}

}  // namespace transect
