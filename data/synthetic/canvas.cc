#include "data/synthetic/canvas.h"

namespace transect {

uint32_t HashPoint(int x, int y, uint32_t seed) {
  // Finalizer of MurmurHash3 over a linear mix.
  uint32_t h = static_cast<uint32_t>(x) * 0x9E3779B1u ^
               static_cast<uint32_t>(y) * 0x85EBCA77u ^ seed;
  h = (h ^ h >> 16) * 0x85EBCA6Bu;
  h = (h ^ h >> 13) * 0xC2B2AE35u;
  return h ^ h >> 16;
}

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
