/// \file
/// Pixels of a planned scene, in one of the two styles.
///
/// AERIAL, to scale (from 256 pixels on): see aerial.h. AERIAL in smaller
/// images: icons on ground of two mixed colors with noise at three scales,
/// patches of fields, at times a road, trees, shadows, water around ships and
/// harbors. NATURAL: the other domain. Smooth vertical gradients, some with
/// grain, soft discs of light, saturated colors, shading from top to bottom,
/// dark outlines. Its backgrounds reach from bright to dark, so that towers
/// which saw them find objects on aerial ground after adaptation.
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
