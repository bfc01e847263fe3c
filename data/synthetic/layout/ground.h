/// \file
/// Which pixels of a scene are taken while objects are placed.
#ifndef TRANSECT_DATA_SYNTHETIC_LAYOUT_GROUND_H_
#define TRANSECT_DATA_SYNTHETIC_LAYOUT_GROUND_H_

#include <cstdint>
#include <vector>

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
  // Marks the pixels x1 .. x2 - 1 of row y and all within the gap.
  void MarkRun(int x1, int x2, int y);

  int size_;
  int gap_;
  std::vector<uint8_t> taken_;
};

/// True if the box of `object` lies inside of the image, at least a pixel from
/// its edge.
bool IsInside(int size, const SceneObject& object);

/// Moves center and box by whole pixels.
void MoveBy(int dx, int dy, SceneObject* object);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_LAYOUT_GROUND_H_
