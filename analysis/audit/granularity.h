/// \file
/// How many printed shares are whole shares of N items, and how likely that is
/// by chance.
///
/// A share of N items is 100 k / N percent. Printed with d digits it can take
/// about N of the 100 * 10^d values that could be printed, so an arbitrary
/// value fits N with probability
///
///   c = min(1, N / (100 * 10^d))     rounded or truncated
///   c = min(1, 1.5 N / (100 * 10^d)) either
///
/// and the number of fits among values is binomial, or a sum of such where the
/// digits differ.
#ifndef TRANSECT_ANALYSIS_AUDIT_GRANULARITY_H_
#define TRANSECT_ANALYSIS_AUDIT_GRANULARITY_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "analysis/written/printed_number.h"

namespace transect {

/// The probability c that an arbitrary value with the digits of `number` fits.
double ChanceOfFit(const PrintedNumber& number, int64_t items,
                   Shortening shortening);

/// The fits of some values.
struct FitCount {
  int fits = 0;
  /// Fits by chance, and the probability of as many or more; 1 where every
  /// value fits by chance.
  double expected = 0;
  double tail = 1;
};

/// Counts the fits of `numbers` to `items`, at least 1.
FitCount CountFits(absl::Span<const PrintedNumber> numbers, int64_t items,
                   Shortening shortening);

/// P(at least `fits` of independent events happen), whose probabilities are
/// `chances`.
double TailOfFits(absl::Span<const double> chances, int fits);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_AUDIT_GRANULARITY_H_
