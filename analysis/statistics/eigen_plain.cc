#include "analysis/statistics/eigen_product.h"

#define TRANSECT_PRODUCT_NAME PlainProduct
#include "analysis/statistics/eigen_product.inc"
