/// \file
/// Pixels of a planned scene, in one of the two styles.
///
/// AERIAL to scale (from 256 pixels on, IsToScale of data/spec.h): land cover
/// from layered noise, parcels, streets with houses, roads with markings,
/// trees, shadows of one sun, then haze, blur, noise and a color cast. Nothing
/// in it but its objects looks like an object of a named category.
///
/// AERIAL in smaller images: icons on ground of two mixed colors with noise of
/// three cell sizes, patches of fields, at times a road, trees, shadows, water
/// around ships and harbors.
///
/// NATURAL, the other domain: smooth vertical gradients, some with grain, soft
/// discs of light, saturated colors, shading from top to bottom, dark outlines.
/// Its backgrounds range from bright to dark, so that towers trained on them
/// find objects on aerial ground after adaptation.
#ifndef TRANSECT_DATA_SYNTHETIC_RENDER_RENDER_H_
#define TRANSECT_DATA_SYNTHETIC_RENDER_RENDER_H_

#include "data/data.pb.h"
#include "data/image/decode.h"
#include "data/random/philox.h"
#include "data/synthetic/scene/scene.h"

namespace transect {

/// Renders `scene`, planned by `spec`; each of its objects has a mask. Clutter
/// never covers an object. Integers only.
Image RenderScene(const Scene& scene, const SynthesisSpec& spec,
                  Philox* random);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_RENDER_RENDER_H_
