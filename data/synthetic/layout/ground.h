/// \file
/// Which pixels of a scene are taken while objects are placed.
#ifndef TRANSECT_DATA_SYNTHETIC_LAYOUT_GROUND_H_
#define TRANSECT_DATA_SYNTHETIC_LAYOUT_GROUND_H_

#include <cstdint>
#include <vector>

#include "data/random/philox.h"
#include "data/synthetic/layout/to_scale_category.h"
#include "data/synthetic/scene/scene.h"

namespace transect {

/// Pixels that no further object may cover: masks with a border around them.
class Ground {
 public:
  explicit Ground(int size);

  /// True if no pixel of the object's mask is taken; the mask lies inside of
  /// the image.
  bool IsFree(const SceneObject& object) const;
  /// Takes the mask and all within the gap, 1 + size / 64 pixels.
  void Take(const SceneObject& object);

 private:
  int size_;
  int gap_;
  std::vector<uint8_t> taken_;
};

/// True if the box of `object` lies inside of the image, at least a pixel from
/// its edge.
bool IsInside(int size, const SceneObject& object);

/// Moves center and box by whole pixels.
void MoveBy(int dx, int dy, SceneObject* object);

/// Moves the object to places within the image, up to `attempts` times, until
/// `fits` is true of one. False if none is found or the object is too large.
template <typename Fits>
bool MoveSomewhere(int size, int attempts, Philox* random, SceneObject* object,
                   Fits fits) {
  const int room_x = size - 2 - (object->box[2] - object->box[0]);
  const int room_y = size - 2 - (object->box[3] - object->box[1]);
  if (object->area == 0 || room_x < 0 || room_y < 0) {
    return false;
  }
  for (int attempt = 0; attempt < attempts; ++attempt) {
    MoveBy(1 + Between(random, 0, room_x) - object->box[0],
           1 + Between(random, 0, room_y) - object->box[1], object);
    if (fits()) return true;
  }
  return false;
}

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_LAYOUT_GROUND_H_
