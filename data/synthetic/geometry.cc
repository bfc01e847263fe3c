#include "data/synthetic/geometry.h"

#include <algorithm>
#include <cstddef>

#include "data/synthetic/detail.h"
#include "data/synthetic/shapes.h"

namespace transect {
namespace {

// Shapes reach to 1000 along and 1100 across: this far, in thousandths.
constexpr int kReach = 1490;

}  // namespace

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
  const ObjectShape shape(*object);
  const int width = x2 - x1;
  const int height = y2 - y1;
  std::vector<uint8_t> window(static_cast<size_t>(width) * height, 0);
  const auto inside_at = [&](int x, int y) {
    const auto [u, v] = to_shape(x, y);
    return shape.At(u, v) != Part::kOutside;
  };
  // Only pixels near an outline need more than one look; detailed shapes are
  // large enough for that.
  std::vector<uint8_t> center;
  if (object->detailed) {
    center.resize(window.size());
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        center[static_cast<size_t>(y) * width + x] =
            inside_at((x + x1) * kSubpixels + kSubpixels / 2,
                      (y + y1) * kSubpixels + kSubpixels / 2);
      }
    }
  }
  const auto flat_at = [&](int x, int y) {
    if (center.empty() || x == 0 || y == 0 || x == width - 1 ||
        y == height - 1) {
      return false;
    }
    const uint8_t* p = &center[static_cast<size_t>(y) * width + x];
    return p[-1] == *p && p[1] == *p && p[-width] == *p && p[width] == *p;
  };
  std::array<int, 4> box = {x2, y2, x1, y1};
  object->area = 0;
  for (int y = y1; y < y2; ++y) {
    for (int x = x1; x < x2; ++x) {
      const size_t at = static_cast<size_t>(y - y1) * width + (x - x1);
      if (flat_at(x - x1, y - y1)) {
        window[at] = center[at];
      } else {
        int inside = 0;
        for (int i = 0; i < samples * samples; ++i) {
          inside += inside_at(x * kSubpixels + step / 2 + i % samples * step,
                              y * kSubpixels + step / 2 + i / samples * step);
        }
        window[at] = 2 * inside >= samples * samples;
      }
      if (window[at] == 0) {
        continue;
      }
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
