/// \file
/// Pixels of a scene that is to scale: land cover from layered noise, parcels,
/// streets with houses, roads with markings, trees, shadows of one sun, and at
/// last what the camera adds: haze, blur, noise, a color cast.
#ifndef TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_H_
#define TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_H_

#include "data/data.pb.h"
#include "data/image/decode.h"
#include "data/random/philox.h"
#include "data/synthetic/scene/scene.h"

namespace transect {

/// Renders a scene with a layout. Clutter covers no object, and nothing in it
/// looks like an object of a named category. Integers only.
Image RenderToScaleScene(const Scene& scene, const AerialLook& look,
                         Philox* random);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_H_
