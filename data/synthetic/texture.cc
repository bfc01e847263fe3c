#include "data/synthetic/texture.h"

#include <algorithm>

#include "data/synthetic/canvas.h"

namespace transect {
namespace {

// 3 t^2 - 2 t^3 for t of 256.
int Ease(int t) { return t * t * (768 - 2 * t) >> 16; }

int Corner(int x, int y, uint32_t seed) {
  return static_cast<int>(HashPoint(x, y, seed) & 0x1FF) - 256;
}

}  // namespace

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
  std::vector<int> weight(size_);
  std::vector<int> index(size_);
  for (int x = 0; x < size_; ++x) {
    index[x] = x / cell;
    weight[x] = Ease((x % cell) * 256 / cell);
  }
  std::vector<int> row(cells);
  for (int y = 0; y < size_; ++y) {
    const int j = y / cell;
    const int down = Ease((y % cell) * 256 / cell);
    for (int i = 0; i < cells; ++i) {
      const int top = Corner(i, j, seed);
      const int bottom = Corner(i, j + 1, seed);
      row[i] = (top * 256 + (bottom - top) * down) * amplitude / 256;
    }
    int16_t* out = &values_[static_cast<size_t>(y) * size_];
    for (int x = 0; x < size_; ++x) {
      const int left = row[index[x]];
      const int right = row[index[x] + 1];
      out[x] = static_cast<int16_t>(
          out[x] + ((left + (right - left) / 256 * weight[x]) >> 8));
    }
  }
}

int NoiseField::clamped(int x, int y) const {
  return at(std::clamp(x, 0, size_ - 1), std::clamp(y, 0, size_ - 1));
}

int SmoothNoise1(int position, int cell, uint32_t seed) {
  const int i =
      position >= 0 ? position / cell : -((cell - 1 - position) / cell);
  const int t = Ease((position - i * cell) * 256 / cell);
  const int left = Corner(i, 0, seed);
  return left + (Corner(i + 1, 0, seed) - left) * t / 256;
}

}  // namespace transect
