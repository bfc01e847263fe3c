/// \file
/// Rotation and scaling of shapes onto pixels, in integers.
#ifndef TRANSECT_DATA_SYNTHETIC_SHAPES_GEOMETRY_H_
#define TRANSECT_DATA_SYNTHETIC_SHAPES_GEOMETRY_H_

#include <cstdint>

#include "data/synthetic/scene/land.h"
#include "data/synthetic/scene/scene.h"
#include "data/synthetic/shapes/detail.h"
#include "data/synthetic/shapes/shapes.h"

namespace transect {

/// Points across and down a pixel that drawing looks at: more where an image is
/// small and its edges show.
inline int SamplesPerSide(int image_size) { return image_size <= 256 ? 4 : 2; }

/// Maps positions in the image (1/256 pixel) to a shape's own coordinates
/// (thousandths of its half length).
class ToShape {
  // Positions in the shape's directions times 2^14, in 1/256 pixel.
  struct Turned {
    int64_t u;
    int64_t v;
  };

 public:
  explicit ToShape(const SceneObject& object)
      : center_x_(object.center_x),
        center_y_(object.center_y),
        cos_(CosOf(object.angle)),
        sin_(SinOf(object.angle)),
        scale_((int64_t{1000} << 16) / object.half_length) {}

  struct Point {
    int u;
    int v;
  };
  Point operator()(int x, int y) const { return Scaled(TurnedTo(x, y)); }

  /// Calls use(u, v) for samples x samples points of pixel (x, y).
  template <typename Use>
  void ForEachSample(int x, int y, int samples, Use use) const {
    const int step = kSubpixels / samples;
    for (int i = 0; i < samples * samples; ++i) {
      const auto [u, v] =
          (*this)(x * kSubpixels + step / 2 + i % samples * step,
                  y * kSubpixels + step / 2 + i / samples * step);
      use(u, v);
    }
  }

  /// Positions along a row, `step` apart: the same points without multiplying
  /// for each.
  class Row {
   public:
    Row(const ToShape& to_shape, int x, int y, int step)
        : to_shape_(to_shape),
          at_(to_shape.TurnedTo(x, y)),
          step_u_(step * to_shape.cos_),
          step_v_(-step * to_shape.sin_) {}

    Point Next() {
      const Point point = to_shape_.Scaled(at_);
      at_.u += step_u_;
      at_.v += step_v_;
      return point;
    }

   private:
    const ToShape& to_shape_;
    Turned at_;
    int64_t step_u_;
    int64_t step_v_;
  };

  /// The pixels x1 .. x2 - 1 of row y (of pixels) in which a point may have
  /// |u| <= 1000 and |v| <= across, within `least` and `most` - 1. At times a
  /// few too many, never too few; none if x2 <= x1.
  struct Span {
    int x1;
    int x2;
  };
  Span PixelsWithin(int y, int across, int least, int most) const;

 private:
  Turned TurnedTo(int x, int y) const {
    const int64_t dx = x - center_x_;
    const int64_t dy = y - center_y_;
    return {dx * cos_ + dy * sin_, dy * cos_ - dx * sin_};
  }
  Point Scaled(const Turned& at) const {
    return {static_cast<int>(((at.u >> 14) * scale_) >> 16),
            static_cast<int>(((at.v >> 14) * scale_) >> 16)};
  }

  int64_t center_x_;
  int64_t center_y_;
  int64_t cos_;
  int64_t sin_;
  int64_t scale_;
};

/// The shape of one object, icon or detailed.
class ObjectShape {
 public:
  explicit ObjectShape(const SceneObject& object)
      : detailed_(object.detailed), variant_(object) {}

  /// The part at (u, v) of the object's own coordinates.
  Part At(int u, int v) const {
    return detailed_ ? DetailAt(variant_, u, v)
                     : PartAt(variant_.category, u, v);
  }
  /// |v| beyond which everything is outside.
  int across() const { return detailed_ ? ReachAcross(variant_) : 1100; }

 private:
  bool detailed_;
  Variant variant_;
};

/// Draws the mask of `object` for images of `image_size` pixels: a pixel
/// belongs to the object if at least half of its sample points do. Fills box,
/// area and mask from the other fields. The box may lie outside of any image:
/// moving center and box by whole pixels leaves the mask right.
void FillMask(int image_size, SceneObject* object);

/// True only if the mask that FillMask would draw has pixels at the edge of the
/// image or beyond it (see IsInside of ground.h); costs little beside drawing.
/// False says nothing. For detailed objects.
bool SticksOut(int image_size, const SceneObject& object);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_SHAPES_GEOMETRY_H_
