/// \file
/// Holm's correction for many comparisons: it holds the chance of any false
/// star among all of them, whatever their dependence.
#ifndef TRANSECT_ANALYSIS_STATISTICS_HOLM_H_
#define TRANSECT_ANALYSIS_STATISTICS_HOLM_H_

#include <vector>

#include "absl/types/span.h"

namespace transect {

/// Adjusted p values in the order of `p`: with p(1) <= ... <= p(m), adjusted
/// p(k) = max over j <= k of min(1, (m - j + 1) p(j)). A comparison is rejected
/// at a level if its adjusted p is at most the level. `family`, at least the
/// number of values, is m: comparisons without a value count too.
std::vector<double> HolmAdjusted(absl::Span<const double> p, int family);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_STATISTICS_HOLM_H_
