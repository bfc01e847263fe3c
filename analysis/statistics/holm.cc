#include "analysis/statistics/holm.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace transect {

std::vector<double> HolmAdjusted(absl::Span<const double> p, int family) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [p](size_t i) { return p[i]; });
  const size_t m = std::max(p.size(), static_cast<size_t>(std::max(family, 0)));
  std::vector<double> adjusted(p.size());
  double largest = 0;
  for (size_t j = 0; j < order.size(); ++j) {
    const double here = std::min(1.0, static_cast<double>(m - j) * p[order[j]]);
    largest = std::max(largest, here);
    adjusted[order[j]] = largest;
  }
  return adjusted;
}

}  // namespace transect
