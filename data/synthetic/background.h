/// \file
/// What lies behind the objects of a synthetic scene.
#ifndef TRANSECT_DATA_SYNTHETIC_BACKGROUND_H_
#define TRANSECT_DATA_SYNTHETIC_BACKGROUND_H_

#include "data/random/philox.h"
#include "data/synthetic/canvas.h"

namespace transect {

/// Ground, field patches, at times a road, trees.
void PaintAerialGround(Philox* random, Canvas* canvas);

/// A gradient and soft discs.
void PaintNaturalBackdrop(Philox* random, Canvas* canvas);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_BACKGROUND_H_
