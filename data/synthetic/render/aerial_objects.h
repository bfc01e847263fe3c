/// \file
/// The objects of a scene to scale, and the ground about them.
#ifndef TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_OBJECTS_H_
#define TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_OBJECTS_H_

#include "data/synthetic/render/aerial_picture.h"

namespace transect {

/// Flags the objects and what lies close to them with kNearObject. First of
/// all.
void MarkObjects(AerialPicture* picture);

/// Pavement, lawn or gravel around the objects that need it. After the ground.
void RenderPads(AerialPicture* picture);

/// Draws the objects over all else.
void DrawObjects(AerialPicture* picture);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_OBJECTS_H_
