#include "analysis/statistics/matrix_product.h"

#include <algorithm>
#include <cmath>

#include "analysis/statistics/eigen_product.h"

namespace transect {
namespace {

bool HasWideInstructions() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

}  // namespace

IntegerColumn ToIntegers(absl::Span<const double> values) {
  double largest = 0;
  for (const double value : values) {
    largest = std::max(largest, std::abs(value));
  }
  IntegerColumn column;
  if (largest > 0) {
    // 2^52 and not 2^53: rounding may make the largest one larger.
    const int exponent = 52 -
                         static_cast<int>(std::ceil(std::log2(values.size()))) -
                         static_cast<int>(std::ceil(std::log2(largest)));
    column.unit = std::ldexp(1.0, -exponent);
  }
  column.values.reserve(values.size());
  for (const double value : values) {
    column.values.push_back(std::nearbyint(value / column.unit));
  }
  return column;
}

void MultiplyMatrices(const double* weights, size_t rows, size_t items,
                      const double* values, size_t columns, double* product) {
  static const bool wide = HasWideInstructions();
  (wide ? internal_product::WideProduct : internal_product::PlainProduct)(
      weights, rows, items, values, columns, product);
}

}  // namespace transect
