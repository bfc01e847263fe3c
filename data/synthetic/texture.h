/// \file
/// Fields of smooth noise, made row by row: the texture of aerial scenes.
#ifndef TRANSECT_DATA_SYNTHETIC_TEXTURE_H_
#define TRANSECT_DATA_SYNTHETIC_TEXTURE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace transect {

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

#endif  // TRANSECT_DATA_SYNTHETIC_TEXTURE_H_
