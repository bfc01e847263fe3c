#include "data/synthetic/layout/ground.h"

#include <algorithm>
#include <cstddef>

namespace transect {

Ground::Ground(int size)
    : size_(size),
      gap_(1 + size / 64),
      taken_(static_cast<size_t>(size) * size, 0) {}

bool Ground::IsFree(const SceneObject& object) const {
  const int width = object.box[2] - object.box[0];
  for (size_t i = 0; i < object.mask.size(); ++i) {
    const int x = object.box[0] + static_cast<int>(i) % width;
    const int y = object.box[1] + static_cast<int>(i) / width;
    if (object.mask[i] != 0 && taken_[static_cast<size_t>(y) * size_ + x]) {
      return false;
    }
  }
  return true;
}

void Ground::Take(const SceneObject& object) {
  object.ForEachRun([this](int x1, int x2, int y) {
    const int last = std::min(y + gap_, size_ - 1);
    for (int j = std::max(y - gap_, 0); j <= last; ++j) {
      const auto row = taken_.begin() + static_cast<ptrdiff_t>(j) * size_;
      std::fill(row + std::max(x1 - gap_, 0), row + std::min(x2 + gap_, size_),
                1);
    }
  });
}

bool IsInside(int size, const SceneObject& object) {
  return object.area > 0 && object.box[0] >= 1 && object.box[1] >= 1 &&
         object.box[2] < size && object.box[3] < size;
}

void MoveBy(int dx, int dy, SceneObject* object) {
  object->center_x += dx * kSubpixels;
  object->center_y += dy * kSubpixels;
  object->box[0] += dx;
  object->box[1] += dy;
  object->box[2] += dx;
  object->box[3] += dy;
}

}  // namespace transect
