#include "data/synthetic/geometry.h"

#include <algorithm>
#include <cstddef>

#include "data/synthetic/shapes.h"

namespace transect {
namespace {

// A quarter of a turn: round(16384 sin(2 pi k / 64)).
constexpr int kSines[17] = {0,     1606,  3196,  4756,  6270,  7723,
                            9102,  10394, 11585, 12665, 13623, 14449,
                            15137, 15679, 16069, 16305, 16384};

// Shapes reach to 1000 along and 1100 across: this far, in thousandths.
constexpr int kReach = 1490;

}  // namespace

int SinOf(int angle) {
  const int k = angle & (kDirections - 1);
  const int quarter = k & 15;
  switch (k / 16) {
    case 0:
      return kSines[quarter];
    case 1:
      return kSines[16 - quarter];
    case 2:
      return -kSines[quarter];
    default:
      return -kSines[16 - quarter];
  }
}

int CosOf(int angle) { return SinOf(angle + kDirections / 4); }

bool FillMask(int size, SceneObject* object) {
  const int reach =
      static_cast<int>(int64_t{object->half_length} * kReach / 1000);
  const int x1 = std::max((object->center_x - reach) / kSubpixels, 0);
  const int y1 = std::max((object->center_y - reach) / kSubpixels, 0);
  const int x2 = std::min((object->center_x + reach) / kSubpixels + 1, size);
  const int y2 = std::min((object->center_y + reach) / kSubpixels + 1, size);
  if (x1 >= x2 || y1 >= y2) {
    return false;
  }
  const int samples = SamplesPerSide(size);
  const int step = kSubpixels / samples;
  const ToShape to_shape(*object);
  std::vector<uint8_t> window(static_cast<size_t>(x2 - x1) * (y2 - y1), 0);
  std::array<int, 4> box = {size, size, 0, 0};
  int64_t area = 0;
  for (int y = y1; y < y2; ++y) {
    for (int x = x1; x < x2; ++x) {
      int inside = 0;
      for (int i = 0; i < samples * samples; ++i) {
        const auto [u, v] =
            to_shape(x * kSubpixels + step / 2 + i % samples * step,
                     y * kSubpixels + step / 2 + i / samples * step);
        inside += PartAt(object->category, u, v) != Part::kOutside;
      }
      if (2 * inside < samples * samples) {
        continue;
      }
      window[static_cast<size_t>(y - y1) * (x2 - x1) + (x - x1)] = 1;
      ++area;
      box = {std::min(box[0], x), std::min(box[1], y), std::max(box[2], x + 1),
             std::max(box[3], y + 1)};
    }
  }
  if (area == 0 || box[0] < 1 || box[1] < 1 || box[2] > size - 1 ||
      box[3] > size - 1) {
    return false;
  }
  object->box = box;
  object->area = area;
  object->mask.clear();
  for (int y = box[1]; y < box[3]; ++y) {
    const auto row =
        window.begin() + static_cast<ptrdiff_t>(y - y1) * (x2 - x1);
    object->mask.insert(object->mask.end(), row + (box[0] - x1),
                        row + (box[2] - x1));
  }
  return true;
}

}  // namespace transect
