// The two compilations of eigen_product.inc, for matrix_product.cc only.
#ifndef TRANSECT_ANALYSIS_STATISTICS_EIGEN_PRODUCT_H_
#define TRANSECT_ANALYSIS_STATISTICS_EIGEN_PRODUCT_H_

#include <cstddef>

namespace transect::internal_product {

// For every processor of the architecture.
void PlainProduct(const double* weights, size_t rows, size_t items,
                  const double* values, size_t columns, double* product);

// For x86 processors with AVX2 and FMA; elsewhere as above.
void WideProduct(const double* weights, size_t rows, size_t items,
                 const double* values, size_t columns, double* product);

}  // namespace transect::internal_product

#endif  // TRANSECT_ANALYSIS_STATISTICS_EIGEN_PRODUCT_H_
