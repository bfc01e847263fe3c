/// \file
/// Colors and an image that is rendered on, in integers.
#ifndef TRANSECT_DATA_SYNTHETIC_RENDER_CANVAS_H_
#define TRANSECT_DATA_SYNTHETIC_RENDER_CANVAS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "data/image/decode.h"

namespace transect {

/// Red, green, blue, nominally 0 to 255; sums may lie outside.
struct Rgb {
  int r = 0;
  int g = 0;
  int b = 0;
};

/// a towards b by `weight` / 256.
inline Rgb Mix(const Rgb& a, const Rgb& b, int weight) {
  return {a.r + (b.r - a.r) * weight / 256, a.g + (b.g - a.g) * weight / 256,
          a.b + (b.b - a.b) * weight / 256};
}

/// Brightness by `factor` / 256.
inline Rgb Scale(const Rgb& a, int factor) {
  return {a.r * factor / 256, a.g * factor / 256, a.b * factor / 256};
}

inline Rgb Add(const Rgb& a, int value) {
  return {a.r + value, a.g + value, a.b + value};
}

/// A square image.
class Canvas {
 public:
  explicit Canvas(int size) : image_{size, size, {}} {
    image_.bgr.resize(static_cast<size_t>(size) * size * 3);
  }

  int size() const { return image_.width; }

  Rgb Get(int x, int y) const {
    const uint8_t* p = &image_.bgr[Offset(x, y)];
    return {p[2], p[1], p[0]};
  }
  /// Clamps to 0 .. 255.
  void Set(int x, int y, const Rgb& color) {
    uint8_t* p = &image_.bgr[Offset(x, y)];
    p[0] = Clamp(color.b);
    p[1] = Clamp(color.g);
    p[2] = Clamp(color.r);
  }
  void Blend(int x, int y, const Rgb& color, int weight) {
    Set(x, y, Mix(Get(x, y), color, weight));
  }
  bool Contains(int x, int y) const {
    return x >= 0 && y >= 0 && x < size() && y < size();
  }

  const Image& image() const { return image_; }

 private:
  static uint8_t Clamp(int value) {
    return static_cast<uint8_t>(std::clamp(value, 0, 255));
  }
  size_t Offset(int x, int y) const {
    return (static_cast<size_t>(y) * image_.width + x) * 3;
  }

  Image image_;
};

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_RENDER_CANVAS_H_
