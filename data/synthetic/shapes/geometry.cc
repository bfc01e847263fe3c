#include "data/synthetic/shapes/geometry.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

#include "data/synthetic/shapes/detail.h"
#include "data/synthetic/shapes/shapes.h"

namespace transect {
namespace {

// Shapes reach to 1000 along and 1100 across: this far, in thousandths.
constexpr int kAlong = 1000;
constexpr int kReach = 1490;
// Pixels between two looks of SticksOut.
constexpr int kStride = 6;

// Pixels that may hold points of an object.
struct Window {
  int x1, y1, x2, y2;
};

Window WindowOf(const SceneObject& object) {
  const int reach =
      static_cast<int>(int64_t{object.half_length} * kReach / 1000);
  return {((object.center_x - reach) >> 8) - 1,
          ((object.center_y - reach) >> 8) - 1,
          ((object.center_x + reach) >> 8) + 2,
          ((object.center_y + reach) >> 8) + 2};
}

// Narrows [*least, *most] to where |start + step * x| <= limit.
void Narrow(int64_t start, int64_t step, int64_t limit, int64_t* least,
            int64_t* most) {
  if (step == 0) {
    if (std::abs(start) > limit) *most = *least - 1;
    return;
  }
  if (step < 0) {
    start = -start;
    step = -step;
  }
  // A division that rounds to zero is off by less than one.
  *least = std::max(*least, (-limit - start) / step - 1);
  *most = std::min(*most, (limit - start) / step + 1);
}

}  // namespace

ToShape::Span ToShape::PixelsWithin(int y, int across, int least,
                                    int most) const {
  // From the middles of pixels; points of a pixel are less than a pixel away.
  const Turned start =
      TurnedTo(kSubpixels / 2, y * kSubpixels + kSubpixels / 2);
  const auto limit = [this](int reach) {
    return (((int64_t{reach + 1} << 16) / scale_) + kSubpixels + 2) << 14;
  };
  int64_t x1 = least;
  int64_t x2 = most - 1;
  Narrow(start.u, kSubpixels * cos_, limit(kAlong), &x1, &x2);
  Narrow(start.v, -kSubpixels * sin_, limit(across), &x1, &x2);
  return {static_cast<int>(x1), static_cast<int>(x2) + 1};
}

bool SticksOut(int image_size, const SceneObject& object) {
  const Window window = WindowOf(object);
  if (window.x1 >= 1 && window.y1 >= 1 && window.x2 < image_size &&
      window.y2 < image_size) {
    return false;
  }
  const ToShape to_shape(object);
  const ObjectShape shape(object);
  const auto inside_at = [&](int x, int y) {
    const auto [u, v] = to_shape(x * kSubpixels + kSubpixels / 2,
                                 y * kSubpixels + kSubpixels / 2);
    return shape.At(u, v) != Part::kOutside;
  };
  for (int y = window.y1 + 1; y < window.y2 - 1; y += kStride) {
    const bool row_out = y < 1 || y >= image_size - 1;
    const auto [x1, x2] =
        to_shape.PixelsWithin(y, shape.across(), window.x1 + 1, window.x2 - 1);
    for (int x = x1; x < x2; x += kStride) {
      if (!row_out && x >= 1 && x < image_size - 1) {
        continue;
      }
      // A pixel that FillMask takes without a second look.
      if (inside_at(x, y) && inside_at(x - 1, y) && inside_at(x + 1, y) &&
          inside_at(x, y - 1) && inside_at(x, y + 1)) {
        return true;
      }
    }
  }
  return false;
}

void FillMask(int image_size, SceneObject* object) {
  const auto [x1, y1, x2, y2] = WindowOf(*object);
  const int samples = SamplesPerSide(image_size);
  const ToShape to_shape(*object);
  const ObjectShape shape(*object);
  const int width = x2 - x1;
  const int height = y2 - y1;
  std::vector<uint8_t> window(static_cast<size_t>(width) * height, 0);
  std::vector<ToShape::Span> spans;
  for (int y = y1; y < y2; ++y) {
    spans.push_back(to_shape.PixelsWithin(y, shape.across(), x1, x2));
  }
  // Only pixels near an outline need more than one look; detailed shapes are
  // large enough for that.
  std::vector<uint8_t> center;
  if (object->detailed) {
    center.resize(window.size());
    for (int y = y1; y < y2; ++y) {
      const auto [from, to] = spans[y - y1];
      ToShape::Row row(to_shape, from * kSubpixels + kSubpixels / 2,
                       y * kSubpixels + kSubpixels / 2, kSubpixels);
      uint8_t* const out = &center[static_cast<size_t>(y - y1) * width];
      for (int x = from; x < to; ++x) {
        const auto [u, v] = row.Next();
        out[x - x1] = shape.At(u, v) != Part::kOutside;
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
    const auto [from, to] = spans[y - y1];
    for (int x = from; x < to; ++x) {
      const size_t at = static_cast<size_t>(y - y1) * width + (x - x1);
      if (flat_at(x - x1, y - y1)) {
        window[at] = center[at];
      } else {
        int inside = 0;
        to_shape.ForEachSample(x, y, samples, [&](int u, int v) {
          inside += shape.At(u, v) != Part::kOutside;
        });
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
