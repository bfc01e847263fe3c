#include "data/synthetic/scene/noise.h"

#include <algorithm>

namespace transect {
namespace {

// 3 t^2 - 2 t^3 for t of 256.
int Ease(int t) { return t * t * (768 - 2 * t) >> 16; }

int Corner(int x, int y, uint32_t seed) {
  return static_cast<int>(HashPoint(x, y, seed) & 0x1FF) - 256;
}

}  // namespace

int SmoothNoise(int x, int y, int cell, uint32_t seed) {
  const int i = x / cell;
  const int j = y / cell;
  const int fx = (x - i * cell) * 256 / cell;
  const int fy = (y - j * cell) * 256 / cell;
  const int top = Corner(i, j, seed) * (256 - fx) + Corner(i + 1, j, seed) * fx;
  const int bottom =
      Corner(i, j + 1, seed) * (256 - fx) + Corner(i + 1, j + 1, seed) * fx;
  return (top / 256 * (256 - fy) + bottom / 256 * fy) / 256;
}

NoiseField::NoiseField(int size, int cell, int octaves, uint32_t seed)
    : size_(size), values_(static_cast<size_t>(size) * size, 0) {
  int amplitude = octaves > 1 ? 150 : 256;
  for (int i = 0; i < octaves && cell >= 2; ++i) {
    AddLayer(cell, amplitude, seed + static_cast<uint32_t>(i) * 7919);
    cell /= 2;
    amplitude = amplitude * 9 / 16;
  }
}

void NoiseField::AddLayer(int cell, int amplitude, uint32_t seed) {
  const int cells = size_ / cell + 2;
  std::vector<int> weight(cell);
  for (int k = 0; k < cell; ++k) {
    weight[k] = Ease(k * 256 / cell);
  }
  // Corners above and below the present row of cells.
  std::vector<int> top(cells);
  std::vector<int> bottom(cells);
  std::vector<int> row(cells);
  for (int y = 0; y < size_; ++y) {
    if (y % cell == 0) {
      const int j = y / cell;
      for (int i = 0; i < cells; ++i) {
        top[i] = j == 0 ? Corner(i, j, seed) : bottom[i];
        bottom[i] = Corner(i, j + 1, seed);
      }
    }
    const int down = weight[y % cell];
    for (int i = 0; i < cells; ++i) {
      row[i] = (top[i] * 256 + (bottom[i] - top[i]) * down) * amplitude / 256;
    }
    int16_t* out = &values_[static_cast<size_t>(y) * size_];
    for (int x = 0, i = 0; x < size_; x += cell, ++i) {
      const int left = row[i];
      const int step = (row[i + 1] - left) / 256;
      const int width = std::min(cell, size_ - x);
      for (int k = 0; k < width; ++k) {
        out[x + k] =
            static_cast<int16_t>(out[x + k] + ((left + step * weight[k]) >> 8));
      }
    }
  }
}

int SmoothNoise1(int position, int cell, uint32_t seed) {
  const int i =
      position >= 0 ? position / cell : -((cell - 1 - position) / cell);
  const int t = Ease((position - i * cell) * 256 / cell);
  const int left = Corner(i, 0, seed);
  return left + (Corner(i + 1, 0, seed) - left) * t / 256;
}

}  // namespace transect
