/// \file
/// The picture of a scene to scale while it is rendered: pixels and what is
/// known of each, the noise that all of it is textured with, and the light. The
/// parts of the renderer (aerial_*.h) take turns on it, in the order of
/// render.cc.
#ifndef TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_PICTURE_H_
#define TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_PICTURE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "data/data.pb.h"
#include "data/random/philox.h"
#include "data/synthetic/render/canvas.h"
#include "data/synthetic/render/palette.h"
#include "data/synthetic/render/plots.h"
#include "data/synthetic/scene/land.h"
#include "data/synthetic/scene/noise.h"
#include "data/synthetic/scene/scene.h"

namespace transect {

/// What a pixel of ground is, for what may stand on it; bits of a byte.
enum GroundFlag : uint8_t {
  kInWater = 1,
  kOnRoad = 2,
  kNearObject = 4,
  kInForest = 8,
  kInYard = 16,
  kInField = 32,
  kBuilt = 64,
  kPaved = 128,
};

/// See the file's comment. `scene` outlives it. Without a pixel rendered yet.
struct AerialPicture {
  /// Draws the seed of all noise and how much forest there is from `random`.
  AerialPicture(const Scene& scene, const AerialLook& look, Philox* random);

  size_t Count() const { return static_cast<size_t>(size) * size; }
  size_t At(int x, int y) const { return static_cast<size_t>(y) * size + x; }
  bool Contains(int x, int y) const {
    return x >= 0 && y >= 0 && x < size && y < size;
  }
  /// Outside of the image, or with one of the flags `what`.
  bool Blocked(int x, int y, uint8_t what) const {
    return !Contains(x, y) || (flags[At(x, y)] & what) != 0;
  }
  /// A contrast as strong as the recipe wants it.
  int Textured(int value) const { return value * texture / 1000; }
  /// Of a height field, towards the light: positive on slopes that face it.
  int Relief(const NoiseField& field, int x, int y) const {
    return field.clamped(x - light_x, y - light_y) -
           field.clamped(x + light_x, y + light_y);
  }
  /// Where the shadow of something `length` high falls, in the same unit.
  int ShiftX(int length) const { return (CosOf(land.sun) * length) >> 14; }
  int ShiftY(int length) const { return (SinOf(land.sun) * length) >> 14; }
  /// Shades a pixel by `amount`, 0 to 255; shadows do not add up.
  void Darken(int x, int y, int amount);

  const Scene& scene;
  const Land& land;
  int size;
  /// The recipe's look (data.proto), in thousandths.
  int clutter;
  int texture;
  int shadow;
  int noise;
  int haze;
  uint32_t seed;
  const LandColors& colors;
  Plots plots;
  /// Noise of cells of a third of the image, of about a twentieth, of a few
  /// pixels, and of the size of a tree's crown.
  NoiseField wide;
  NoiseField middle;
  NoiseField fine;
  NoiseField canopy;
  std::vector<Rgb> pixels;
  /// How dark shadows make a pixel, 0 to 255.
  std::vector<uint8_t> shade;
  /// GroundFlags.
  std::vector<uint8_t> flags;
  /// Where the light comes from, -1, 0 or 1 each.
  int light_x;
  int light_y;
  /// Forest grows where `wide` is above.
  int forest;
};

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_PICTURE_H_
