/// \file
/// Shadows of the objects of a scene to scale, all of one sun, and laying
/// shadows over the ground.
#ifndef TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_SHADOWS_H_
#define TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_SHADOWS_H_

#include "data/synthetic/render/aerial_picture.h"

namespace transect {

/// Shades what the shadows of the scene's objects fall on.
void CastObjectShadows(AerialPicture* picture);

/// Darkens the pixels by all shade that was cast, with soft edges.
void ApplyShadows(AerialPicture* picture);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_SHADOWS_H_
