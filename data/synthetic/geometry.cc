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

void FillMask(int image_size, SceneObject* object) {
  const int reach =
      static_cast<int>(int64_t{object->half_length} * kReach / 1000);
  const int x1 = ((object->center_x - reach) >> 8) - 1;
  const int y1 = ((object->center_y - reach) >> 8) - 1;
  const int x2 = ((object->center_x + reach) >> 8) + 2;
  const int y2 = ((object->center_y + reach) >> 8) + 2;
  const int samples = SamplesPerSide(image_size);
  const int step = kSubpixels / samples;
  const ToShape to_shape(*object);
  std::vector<uint8_t> window(static_cast<size_t>(x2 - x1) * (y2 - y1), 0);
  std::array<int, 4> box = {x2, y2, x1, y1};
  object->area = 0;
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
      ++object->area;
      box = {std::min(box[0], x), std::min(box[1], y), std::max(box[2], x + 1),
             std::max(box[3], y + 1)};
    }
  }
  object->box = object->area > 0 ? box : std::array<int, 4>{0, 0, 0, 0};
  object->mask.clear();
  for (int y = object->box[1]; y < object->box[3]; ++y) {
    const auto row =
        window.begin() + static_cast<ptrdiff_t>(y - y1) * (x2 - x1);
    object->mask.insert(object->mask.end(), row + (object->box[0] - x1),
                        row + (object->box[2] - x1));
  }
}

}  // namespace transect
