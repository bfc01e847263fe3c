// Compiled with other options than the rest (BUILD); includes nothing but
// Eigen, so that no function of others gets instructions that a processor
// lacks.
#include "analysis/statistics/eigen_product.h"

#define Eigen EigenWide
#define TRANSECT_PRODUCT_NAME WideProduct
#include "analysis/statistics/eigen_product.inc"
