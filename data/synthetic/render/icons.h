/// \file
/// Scenes that are not to scale: objects as icons, at a share of the image's
/// side, in either style.
#ifndef TRANSECT_DATA_SYNTHETIC_RENDER_ICONS_H_
#define TRANSECT_DATA_SYNTHETIC_RENDER_ICONS_H_

#include "data/data.pb.h"
#include "data/image/decode.h"
#include "data/random/philox.h"
#include "data/synthetic/scene/scene.h"

namespace transect {

/// RenderScene for a scene whose land.gsd_cm is 0.
Image RenderIcons(const Scene& scene, const SynthesisSpec& spec,
                  Philox* random);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_RENDER_ICONS_H_
