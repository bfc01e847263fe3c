/// \file
/// What is paved in a scene to scale: highways, railways, aprons, runways and
/// the roads across them, with their markings.
#ifndef TRANSECT_DATA_SYNTHETIC_AERIAL_ROADS_H_
#define TRANSECT_DATA_SYNTHETIC_AERIAL_ROADS_H_

#include "data/synthetic/aerial_picture.h"
#include "data/synthetic/canvas.h"
#include "data/synthetic/layout.h"

namespace transect {

/// The colour of pixel (x, y) at `point` of the frame after bands and cross
/// roads were laid over ground of `color`. Marks what is on or beside them with
/// kOnRoad.
Rgb PaveOver(FramePoint point, int x, int y, Rgb color, AerialPicture* picture);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_AERIAL_ROADS_H_
