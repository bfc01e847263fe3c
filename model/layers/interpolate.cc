#include "model/layers/interpolate.h"

#include <ATen/ops/matmul.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

namespace transect {
namespace {

using MatrixOfSizes = at::Tensor (*)(int64_t to, int64_t from);

at::Tensor Resize(const at::Tensor& map, int64_t height, int64_t width,
                  MatrixOfSizes matrix) {
  at::Tensor result = map;
  if (map.size(-2) != height) {
    result = at::matmul(matrix(height, map.size(-2)).to(map.options()), result);
  }
  if (map.size(-1) != width) {
    const at::Tensor columns = matrix(width, map.size(-1)).to(map.options());
    result = at::matmul(result, columns.transpose(0, 1));
  }
  return result;
}

}  // namespace

at::Tensor BilinearMatrix(int64_t to, int64_t from) {
  at::Tensor matrix = at::zeros({to, from}, at::kFloat);
  float* rows = matrix.data_ptr<float>();
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  for (int64_t i = 0; i < to; ++i) {
    const double source =
        std::max(0.0, (static_cast<double>(i) + 0.5) * scale - 0.5);
    const int64_t low =
        std::min(static_cast<int64_t>(std::floor(source)), from - 1);
    const int64_t high = std::min(low + 1, from - 1);
    const double weight = source - static_cast<double>(low);
    rows[i * from + low] += static_cast<float>(1 - weight);
    rows[i * from + high] += static_cast<float>(weight);
  }
  return matrix;
}

at::Tensor AreaMatrix(int64_t to, int64_t from) {
  at::Tensor matrix = at::zeros({to, from}, at::kFloat);
  float* rows = matrix.data_ptr<float>();
  const double cell = static_cast<double>(from) / static_cast<double>(to);
  for (int64_t i = 0; i < to; ++i) {
    const double begin = static_cast<double>(i) * cell;
    const double end = begin + cell;
    for (int64_t j = static_cast<int64_t>(begin);
         j < from && static_cast<double>(j) < end; ++j) {
      const double inside = std::min(end, static_cast<double>(j + 1)) -
                            std::max(begin, static_cast<double>(j));
      rows[i * from + j] = static_cast<float>(std::max(0.0, inside) / cell);
    }
  }
  return matrix;
}

at::Tensor ResizeBilinear(const at::Tensor& map, int64_t height,
                          int64_t width) {
  return Resize(map, height, width, &BilinearMatrix);
}

at::Tensor ResizeArea(const at::Tensor& map, int64_t height, int64_t width) {
  return Resize(map, height, width, &AreaMatrix);
}

}  // namespace transect
