/// \file
/// The colors of both styles.
#ifndef TRANSECT_DATA_SYNTHETIC_RENDER_PALETTE_H_
#define TRANSECT_DATA_SYNTHETIC_RENDER_PALETTE_H_

#include "data/synthetic/render/canvas.h"
#include "data/synthetic/scene/land.h"
#include "data/synthetic/scene/scene.h"
#include "data/synthetic/shapes/shapes.h"

namespace transect {

/// Colors of objects by ColorName and by Part; the first of each, and kBody
/// among the parts, are never rendered.
struct Palette {
  Rgb named[kColorNames];
  Rgb parts[kParts];
  Rgb water;
};

extern const Palette kAerialPalette;
/// Of aerial scenes that are to scale: muted materials.
extern const Palette kToScalePalette;
extern const Palette kNaturalPalette;

/// Colors of the land of one biome.
struct LandColors {
  Rgb forest;
  Rgb grass;
  Rgb dry;
  Rgb bare;
  Rgb lawn;
  Rgb sand;
  Rgb shallow;
  Rgb deep;
  Rgb crops[kCrops];
};

/// Of biome 0 to kBiomes - 1: temperate, dry, tropical, autumn.
const LandColors& LandPalette(int biome);

inline constexpr int kRoofs = 6;
/// Of houses and of large buildings: none of the colors that sentences name.
extern const Rgb kGableRoofs[kRoofs];
extern const Rgb kFlatRoofs[kRoofs];

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_RENDER_PALETTE_H_
