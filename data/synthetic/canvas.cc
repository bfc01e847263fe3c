#include "data/synthetic/canvas.h"

namespace transect {

int SmoothNoise(int x, int y, int cell, uint32_t seed) {
  const int i = x / cell;
  const int j = y / cell;
  const int fx = (x - i * cell) * 256 / cell;
  const int fy = (y - j * cell) * 256 / cell;
  const auto corner = [&](int a, int b) {
    return static_cast<int>(HashPoint(i + a, j + b, seed) & 0x1FF) - 256;
  };
  const int top = corner(0, 0) * (256 - fx) + corner(1, 0) * fx;
  const int bottom = corner(0, 1) * (256 - fx) + corner(1, 1) * fx;
  return (top / 256 * (256 - fy) + bottom / 256 * fy) / 256;
}

}  // namespace transect
