/// \file
/// Noise in exact integers: well mixed bits of a position, smooth noise, and
/// fields of it that are made row by row for the texture of aerial scenes.
#ifndef TRANSECT_DATA_SYNTHETIC_SCENE_NOISE_H_
#define TRANSECT_DATA_SYNTHETIC_SCENE_NOISE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace transect {

/// Smooth noise, -256 to 256, the same for equal arguments: values at the
/// corners of cells of `cell` pixels from a hash of (corner, seed), bilinear in
/// between.
int SmoothNoise(int x, int y, int cell, uint32_t seed);

/// 32 well mixed bits of a position and a seed: the finalizer of MurmurHash3
/// over a linear mix.
inline uint32_t HashPoint(int x, int y, uint32_t seed) {
  uint32_t h = static_cast<uint32_t>(x) * 0x9E3779B1u ^
               static_cast<uint32_t>(y) * 0x85EBCA77u ^ seed;
  h = (h ^ h >> 16) * 0x85EBCA6Bu;
  h = (h ^ h >> 13) * 0xC2B2AE35u;
  return h ^ h >> 16;
}

/// A square of values.
class NoiseField {
 public:
  /// The sum of `octaves` layers of value noise, each with half the cell and
  /// 9/16 of the amplitude of the one before, so that it is a little steeper;
  /// layers finer than 2 pixels are left out. The first has cells of `cell`
  /// pixels, and an amplitude of 256 if it is the only one, else 150. Values
  /// are about -256 to 256, at times beyond.
  NoiseField(int size, int cell, int octaves, uint32_t seed);

  int at(int x, int y) const {
    return values_[static_cast<size_t>(y) * size_ + x];
  }
  /// The same with coordinates clamped to the field.
  int clamped(int x, int y) const {
    return at(std::clamp(x, 0, size_ - 1), std::clamp(y, 0, size_ - 1));
  }

 private:
  void AddLayer(int cell, int amplitude, uint32_t seed);

  int size_;
  std::vector<int16_t> values_;
};

/// Smooth noise of one number, about -256 to 256.
int SmoothNoise1(int position, int cell, uint32_t seed);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_SCENE_NOISE_H_
