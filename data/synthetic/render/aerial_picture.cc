#include "data/synthetic/render/aerial_picture.h"

#include <algorithm>
#include <cmath>

namespace transect {
namespace {

int Permille(double value) {
  return static_cast<int>(std::lround(value * 1000));
}

int Sign(int value) { return value > 6000 ? 1 : value < -6000 ? -1 : 0; }

int ForestLevel(const Land& land, Philox* random) {
  const int wanted = static_cast<int>(random->NextBelow(100));
  switch (land.zone) {
    case Zone::kCity:
    case Zone::kIndustry:
      return 110 + wanted;
    case Zone::kAirfield:
      return 130 + wanted;
    case Zone::kCountry:
      return -10 + 2 * wanted;
  }
  return 100;
}

}  // namespace

AerialPicture::AerialPicture(const Scene& rendered, const AerialLook& look,
                             Philox* random)
    : scene(rendered),
      land(rendered.land),
      size(rendered.size),
      clutter(Permille(look.clutter())),
      texture(Permille(look.texture())),
      shadow(Permille(look.shadow())),
      noise(Permille(look.sensor_noise())),
      haze(Permille(look.haze())),
      seed(random->NextU32()),
      colors(LandPalette(land.biome)),
      plots(land, seed + 1, clutter),
      wide(size, std::max(size / 3, 8), 6, seed + 2),
      middle(size, std::max(size / 22, 6), 4, seed + 3),
      fine(size, 5, 2, seed + 4),
      canopy(size, std::clamp(1100 / land.gsd_cm, 5, 22), 3, seed + 5),
      pixels(Count()),
      shade(Count(), 0),
      flags(Count(), 0),
      light_x(Sign(-CosOf(land.sun))),
      light_y(Sign(-SinOf(land.sun))),
      forest(ForestLevel(land, random)) {}

void AerialPicture::Darken(int x, int y, int amount) {
  if (Contains(x, y)) {
    uint8_t& dark = shade[At(x, y)];
    dark = static_cast<uint8_t>(std::max<int>(dark, amount));
  }
}

}  // namespace transect
