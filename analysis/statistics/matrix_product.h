/// \file
/// The one expensive step of resampling: a matrix of weights times a matrix of
/// values, by Eigen, in the widest instructions that the processor has.
///
/// The product of integers is exact, in any order of summation, so that it has
/// the same bits with all instructions and libraries, as long as sums of
/// absolute values stay below 2^53. ToIntegers makes such values.
#ifndef TRANSECT_ANALYSIS_STATISTICS_MATRIX_PRODUCT_H_
#define TRANSECT_ANALYSIS_STATISTICS_MATRIX_PRODUCT_H_

#include <cstddef>
#include <vector>

#include "absl/types/span.h"

namespace transect {

/// Values times a power of two, rounded to integers.
struct IntegerColumn {
  std::vector<double> values;
  /// What a sum of `values` is multiplied with to give a sum of the originals;
  /// a power of two.
  double unit = 1;
};

/// The finest such integers for which any sum in which weights have absolute
/// values that add up to the number of values is exact. Integers that are small
/// enough stay as they are; other values change by at most 2^-53 of the largest
/// times the number of values.
IntegerColumn ToIntegers(absl::Span<const double> values);

/// `weights` times `values` as `product`: `rows` x `items`, row by row, times
/// `items` x `columns`, column by column, gives `rows` x `columns`, column by
/// column.
void MultiplyMatrices(const double* weights, size_t rows, size_t items,
                      const double* values, size_t columns, double* product);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_STATISTICS_MATRIX_PRODUCT_H_
