/// \file
/// What lies behind the objects of scenes that are not to scale.
#ifndef TRANSECT_DATA_SYNTHETIC_RENDER_BACKGROUND_H_
#define TRANSECT_DATA_SYNTHETIC_RENDER_BACKGROUND_H_

#include "data/data.pb.h"
#include "data/random/philox.h"
#include "data/synthetic/render/canvas.h"

namespace transect {

/// Ground, field patches, at times a road, trees: as many as look.clutter()
/// says, with look.texture()'s contrast.
void RenderAerialGround(const AerialLook& look, Philox* random, Canvas* canvas);

/// A gradient and soft discs.
void RenderNaturalBackdrop(Philox* random, Canvas* canvas);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_RENDER_BACKGROUND_H_
