/// \file
/// Places for the objects of a scene to scale.
#ifndef TRANSECT_DATA_SYNTHETIC_LAYOUT_TO_SCALE_PLACE_H_
#define TRANSECT_DATA_SYNTHETIC_LAYOUT_TO_SCALE_PLACE_H_

#include <vector>

#include "data/random/philox.h"
#include "data/synthetic/scene/scene.h"

namespace transect {

/// Gives each of `scene->objects`, of `lengths` pixels, a place on the scene's
/// land where such things are: ships on water, vehicles in a lane, bridges
/// across a river. An object may become smaller. What belongs to an object is
/// added to the land: the road on a bridge, the basin of a harbor. False if
/// an object found no place; the scene is then unusable.
bool PlaceObjects(const std::vector<int>& lengths, Philox* random,
                  Scene* scene);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_LAYOUT_TO_SCALE_PLACE_H_
