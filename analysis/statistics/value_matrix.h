/// \file
/// Sums of many columns under many draws of weights, exact and on threads.
#ifndef TRANSECT_ANALYSIS_STATISTICS_VALUE_MATRIX_H_
#define TRANSECT_ANALYSIS_STATISTICS_VALUE_MATRIX_H_

#include <cstddef>
#include <functional>
#include <vector>

#include "absl/types/span.h"
#include "analysis/statistics/ratio.h"

namespace transect {

/// Values of items, column by column, all of one length.
class ValueMatrix {
 public:
  /// Fills the weights of items in draw `b`; `weights` are 0 before. Called on
  /// several threads. The absolute values add up to at most the number of
  /// items.
  using FillWeights = std::function<void(size_t b, absl::Span<double> weights)>;
  /// Takes the sums of column `c` in draws first, first + 1, ... Called on
  /// several threads; of one range of draws on one thread, in the order of
  /// columns.
  using TakeSums = std::function<void(size_t c, size_t first,
                                      absl::Span<const double> sums)>;

  /// Appends a column, as ToIntegers rounds it.
  void Add(absl::Span<const double> values);

  /// Sums of the columns under the weights of all draws, the same with any
  /// number of threads.
  void Sum(const Draws& draws, const FillWeights& fill,
           const TakeSums& take) const;

 private:
  size_t items_ = 0;
  std::vector<double> values_;
  std::vector<double> units_;
};

/// kInvalidArgument for a count of draws below 1.
absl::Status CheckDraws(const Draws& draws);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_STATISTICS_VALUE_MATRIX_H_
