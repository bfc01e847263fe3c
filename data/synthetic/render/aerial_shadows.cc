#include "data/synthetic/render/aerial_shadows.h"

#include <algorithm>
#include <cstdint>

#include "data/synthetic/render/canvas.h"
#include "data/synthetic/scene/category.h"
#include "data/synthetic/scene/land.h"
#include "data/synthetic/scene/scene.h"
#include "data/synthetic/shapes/geometry.h"

namespace transect {
namespace {

// Decimeters.
int HeightOf(int category) {
  switch (category) {
    case kAirplane:
      return 60;
    case kBridge:
    case kOverpass:
      return 70;
    case kDam:
      return 160;
    case kHarbor:
      return 25;
    case kShip:
      return 90;
    case kStadium:
      return 260;
    case kStorageTank:
      return 130;
    case kTollStation:
    case kTrainStation:
      return 80;
    case kVehicle:
      return 24;
    default:
      return 0;
  }
}

class ShadowRenderer {
 public:
  explicit ShadowRenderer(AerialPicture* picture) : picture_(*picture) {}

  void Cast() {
    for (const SceneObject& object : picture_.scene.objects) {
      const int half = object.half_length / kSubpixels;
      if (object.category == kChimney || object.category == kWindmill) {
        // From the foot, at u = -1000 of the shape.
        const auto foot = [&object](int center, int turned) {
          const int64_t reach = int64_t{object.half_length} * 92 / 100;
          return (center - static_cast<int>(reach * turned >> 14)) >> 8;
        };
        const int x = foot(object.center_x, CosOf(object.angle));
        const int y = foot(object.center_y, SinOf(object.angle));
        if (object.category == kChimney) {
          CastPole(x, y, half * 17 / 10, half * 24 / 100, half * 15 / 100);
        } else {
          CastPole(x, y, half * 15 / 10, std::max(half / 26, 1), 1);
          const int hx = x + picture_.ShiftX(half * 15 / 10);
          const int hy = y + picture_.ShiftY(half * 15 / 10);
          CastRotor(hx, hy, half * 6 / 10, object);
        }
        continue;
      }
      const int height = HeightOf(object.category);
      if (height == 0) continue;
      const int length = std::clamp(picture_.land.Steps(height) / kFrameSteps,
                                    1, picture_.size / 12);
      const int stride = length > 12 ? 2 : 1;
      for (int i = stride; i <= length; i += stride) {
        const int dx = picture_.ShiftX(i);
        const int dy = picture_.ShiftY(i);
        object.ForEachPixel(
            [&](int x, int y) { picture_.Darken(x + dx, y + dy, 235); });
      }
    }
  }

  void Apply() {
    if (picture_.shadow == 0) return;
    for (int y = 0; y < picture_.size; ++y) {
      for (int x = 0; x < picture_.size; ++x) {
        // Soft edges: the mean with the neighbors.
        int shade = 4 * picture_.shade[picture_.At(x, y)];
        shade += 2 * (ShadeAt(x - 1, y) + ShadeAt(x + 1, y) +
                      ShadeAt(x, y - 1) + ShadeAt(x, y + 1));
        if (shade == 0) continue;
        shade += ShadeAt(x - 1, y - 1) + ShadeAt(x + 1, y - 1) +
                 ShadeAt(x - 1, y + 1) + ShadeAt(x + 1, y + 1);
        const int dark = shade / 16 * picture_.shadow / 1000;
        Rgb& color = picture_.pixels[picture_.At(x, y)];
        // The sky still lights it, in blue.
        color = {color.r * (255 - dark) / 255,
                 color.g * (255 - dark * 97 / 100) / 255,
                 color.b * (255 - dark * 88 / 100) / 255};
      }
    }
  }

 private:
  // A line from the foot of a tall thing, `half` wide at first, `end` at last.
  void CastPole(int x, int y, int length, int half, int end) {
    for (int i = 0; i <= length; ++i) {
      const int w = half + (end - half) * i / std::max(length, 1);
      const int px = x + picture_.ShiftX(i);
      const int py = y + picture_.ShiftY(i);
      for (int b = -w; b <= w; ++b) {
        picture_.Darken(px - ((SinOf(picture_.land.sun) * b) >> 14),
                        py + ((CosOf(picture_.land.sun) * b) >> 14), 230);
      }
    }
  }

  void CastRotor(int x, int y, int radius, const SceneObject& object) {
    const int turn = static_cast<int>(object.look % 21);
    for (int i = 0; i < 3; ++i) {
      const int angle = turn + 21 * i;
      for (int r = 0; r <= radius; ++r) {
        const int px = x + ((CosOf(angle) * r) >> 14);
        const int py = y + ((SinOf(angle) * r) >> 14);
        picture_.Darken(px, py, 200);
        picture_.Darken(px + 1, py, 200);
      }
    }
  }

  int ShadeAt(int x, int y) const {
    return picture_.Contains(x, y) ? picture_.shade[picture_.At(x, y)] : 0;
  }

  AerialPicture& picture_;
};

}  // namespace

void CastObjectShadows(AerialPicture* picture) {
  ShadowRenderer(picture).Cast();
}

void ApplyShadows(AerialPicture* picture) { ShadowRenderer(picture).Apply(); }

}  // namespace transect
