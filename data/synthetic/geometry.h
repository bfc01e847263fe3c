/// \file
/// Rotation and scaling of shapes onto pixels, in integers.
#ifndef TRANSECT_DATA_SYNTHETIC_GEOMETRY_H_
#define TRANSECT_DATA_SYNTHETIC_GEOMETRY_H_

#include <cstdint>

#include "data/synthetic/detail.h"
#include "data/synthetic/layout.h"
#include "data/synthetic/scene.h"
#include "data/synthetic/shapes.h"

namespace transect {

/// Points across and down a pixel that drawing looks at: more where an image is
/// small and its edges show.
inline int SamplesPerSide(int image_size) { return image_size <= 256 ? 4 : 2; }

/// Maps positions in the image (1/256 pixel) to a shape's own coordinates
/// (thousandths of its half length).
class ToShape {
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
  Point operator()(int x, int y) const {
    const int64_t dx = x - center_x_;
    const int64_t dy = y - center_y_;
    return {static_cast<int>((((dx * cos_ + dy * sin_) >> 14) * scale_) >> 16),
            static_cast<int>((((dy * cos_ - dx * sin_) >> 14) * scale_) >> 16)};
  }

 private:
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

 private:
  bool detailed_;
  Variant variant_;
};

/// Draws the mask of `object` for images of `image_size` pixels: a pixel
/// belongs to the object if at least half of its sample points do. Fills box,
/// area and mask from the other fields. The box may lie outside of any image:
/// moving centre and box by whole pixels leaves the mask right.
void FillMask(int image_size, SceneObject* object);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_GEOMETRY_H_
