/// \file
/// The ground of a scene to scale: meadow, forest, farmland, the blocks of a
/// town, water with its beach.
#ifndef TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_GROUND_H_
#define TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_GROUND_H_

#include "data/synthetic/render/aerial_picture.h"

namespace transect {

/// Renders every pixel of the picture as ground, roads included, and flags it.
void RenderGround(AerialPicture* picture);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_GROUND_H_
