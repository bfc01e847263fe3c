/// \file
/// The land of a scene to scale: water, roads, tracks and pavement as the
/// objects need them.
#ifndef TRANSECT_DATA_SYNTHETIC_LAYOUT_TO_SCALE_LAND_H_
#define TRANSECT_DATA_SYNTHETIC_LAYOUT_TO_SCALE_LAND_H_

#include <vector>

#include "data/random/philox.h"
#include "data/synthetic/scene/land.h"
#include "data/synthetic/scene/scene.h"

namespace transect {

/// Draws the land for `objects`, the target first, of `lengths` pixels each, at
/// `gsd_cm` centimeters per pixel in an image of `size` pixels. What crosses
/// water or a road, and the water's shape at dams and harbors, follow when the
/// objects are placed (to_scale_place.h).
Land DrawLand(const std::vector<SceneObject>& objects,
              const std::vector<int>& lengths, int gsd_cm, int size,
              Philox* random);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_LAYOUT_TO_SCALE_LAND_H_
