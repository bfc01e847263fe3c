#include "data/synthetic/render/aerial_objects.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "data/synthetic/render/canvas.h"
#include "data/synthetic/render/palette.h"
#include "data/synthetic/scene/category.h"
#include "data/synthetic/scene/land.h"
#include "data/synthetic/scene/scene.h"
#include "data/synthetic/shapes/geometry.h"
#include "data/synthetic/shapes/shapes.h"

namespace transect {
namespace {

class ObjectRenderer {
 public:
  explicit ObjectRenderer(AerialPicture* picture) : picture_(*picture) {}

  // Objects and what lies close to them.
  void Mark() {
    const int gap = std::max(picture_.land.Steps(60) / kFrameSteps, 4);
    for (const SceneObject& object : picture_.scene.objects) {
      object.ForEachRun([&](int first, int end, int y) {
        const int x1 = std::max(first - gap, 0);
        const int x2 = std::min(end + gap, picture_.size);
        for (const int j : {y - gap, y, y + gap}) {
          if (j < 0 || j >= picture_.size) continue;
          for (int i = x1; i < x2; ++i) {
            picture_.flags[picture_.At(i, j)] |= kNearObject;
          }
        }
      });
    }
  }

  // Pavement or gravel around what needs it.
  void RenderPads() {
    const int gap = std::max(picture_.land.Steps(45) / kFrameSteps, 3);
    for (const SceneObject& object : picture_.scene.objects) {
      Rgb color;
      int share = 200;
      switch (object.category) {
        case kStorageTank:
          color = {158, 148, 132};
          break;
        case kChimney:
        case kStadium:
          color = {150, 147, 142};
          break;
        case kBasketballCourt:
        case kTennisCourt:
          color = Mix(picture_.colors.lawn, {150, 146, 136}, 110);
          break;
        case kBaseballField:
        case kGroundTrackField:
          color = picture_.colors.lawn;
          break;
        case kWindmill:
          color = picture_.colors.bare;
          share = 150;
          break;
        case kServiceArea:
        case kTrainStation:
          color = {138, 136, 130};
          break;
        default:
          continue;
      }
      // A ring about the box or disc of the object, with a ragged edge.
      const int reach = object.half_length / kSubpixels + gap;
      const int cx = object.center_x / kSubpixels;
      const int cy = object.center_y / kSubpixels;
      SceneObject grown = object;
      grown.half_length += gap * kSubpixels * 2;
      const ToShape to_shape(grown);
      const ObjectShape shape(grown);
      const int far = reach * 3 / 2 + gap;
      for (int y = std::max(cy - far, 0);
           y <= std::min(cy + far, picture_.size - 1); ++y) {
        for (int x = std::max(cx - far, 0);
             x <= std::min(cx + far, picture_.size - 1); ++x) {
          const int ragged = picture_.middle.at(x, y) + picture_.fine.at(x, y);
          const auto [u, v] =
              to_shape(x * kSubpixels + ragged, y * kSubpixels - ragged);
          if (shape.At(u, v) == Part::kOutside) continue;
          const size_t at = picture_.At(x, y);
          if ((picture_.flags[at] & kInWater) != 0) continue;
          picture_.pixels[at] = Mix(
              picture_.pixels[at],
              Add(color, picture_.Textured(picture_.fine.at(x, y) * 12 / 256)),
              share);
          picture_.flags[at] |= kNearObject;
        }
      }
    }
  }

  void Draw() {
    for (const SceneObject& object : picture_.scene.objects) {
      DrawObject(object);
    }
  }

 private:
  Rgb PartColor(const SceneObject& object, Part part, int tone, int x,
                int y) const {
    const int fine = picture_.fine.at(x, y);
    const int middle = picture_.middle.at(x, y);
    switch (part) {
      case Part::kBody: {
        const Rgb& color =
            kToScalePalette.named[static_cast<int>(object.color)];
        return Add(color,
                   tone + picture_.Textured((fine * 6 + middle * 5) / 256));
      }
      case Part::kGrass:
        return Add(
            Mix(picture_.colors.lawn,
                kToScalePalette.parts[static_cast<int>(part)], 90),
            tone / 2 + picture_.Textured((fine * 11 + middle * 12) / 256));
      case Part::kFairway:
        return Add(Mix(picture_.colors.lawn,
                       kToScalePalette.parts[static_cast<int>(part)], 150),
                   picture_.Textured((fine * 9 + middle * 8) / 256));
      case Part::kPond:
        return Mix(picture_.colors.shallow, picture_.colors.deep, 170);
      default:
        return Add(kToScalePalette.parts[static_cast<int>(part)],
                   tone / 2 + picture_.Textured((fine * 8 + middle * 7) / 256));
    }
  }

  // Light and shade of what is not flat, for a point of the shape.
  int Roundness(const SceneObject& object, int u, int v) const {
    // The light in the object's own axes.
    const int turn = picture_.land.sun + 32 - object.angle;
    switch (object.category) {
      case kStorageTank:
        return ((CosOf(turn) * u + SinOf(turn) * v) >> 14) * 16 / 1000;
      case kStadium:
        return ((CosOf(turn) * u + SinOf(turn) * v) >> 14) * 22 / 1000;
      case kChimney:
        return (SinOf(turn) * v >> 14) * 42 / 250;
      case kAirplane:
        return std::abs(v) < 110 ? (SinOf(turn) * v >> 14) * 22 / 110 : 0;
      case kShip:
        return (SinOf(turn) * v >> 14) * 14 / 230;
      case kWindmill:
        return 8;
      default:
        return 0;
    }
  }

  void DrawObject(const SceneObject& object) {
    const ToShape to_shape(object);
    const ObjectShape shape(object);
    const int tone = static_cast<int>(object.look >> 16) % 21 - 10;
    const int samples =
        picture_.size <= 400 || object.half_length < 40 * kSubpixels ? 3 : 2;
    for (int y = std::max(object.box[1] - 1, 0);
         y <= std::min(object.box[3], picture_.size - 1); ++y) {
      for (int x = std::max(object.box[0] - 1, 0);
           x <= std::min(object.box[2], picture_.size - 1); ++x) {
        if (!NearMask(object, x, y)) continue;
        Rgb sum;
        int inside = 0;
        to_shape.ForEachSample(x, y, samples, [&](int u, int v) {
          const Part part = shape.At(u, v);
          if (part == Part::kOutside) return;
          const Rgb color =
              Add(PartColor(object, part, tone, x, y), Roundness(object, u, v));
          sum = {sum.r + color.r, sum.g + color.g, sum.b + color.b};
          ++inside;
        });
        if (inside == 0) continue;
        Rgb& pixel = picture_.pixels[picture_.At(x, y)];
        pixel = Mix(pixel, {sum.r / inside, sum.g / inside, sum.b / inside},
                    inside * 256 / (samples * samples));
      }
    }
  }

  static bool NearMask(const SceneObject& object, int x, int y) {
    for (int b = y - 1; b <= y + 1; ++b) {
      for (int a = x - 1; a <= x + 1; ++a) {
        if (object.Covers(a, b)) return true;
      }
    }
    return false;
  }

  AerialPicture& picture_;
};

}  // namespace

void MarkObjects(AerialPicture* picture) { ObjectRenderer(picture).Mark(); }

void RenderPads(AerialPicture* picture) {
  ObjectRenderer(picture).RenderPads();
}

void DrawObjects(AerialPicture* picture) { ObjectRenderer(picture).Draw(); }

}  // namespace transect
