/// \file
/// What a camera makes of a rendered scene: haze, exposure, color cast, blur
/// and noise.
#ifndef TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_CAMERA_H_
#define TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_CAMERA_H_

#include "data/image/decode.h"
#include "data/random/philox.h"
#include "data/synthetic/render/aerial_picture.h"

namespace transect {

/// The image that is stored. Consumes the pixels of `picture`; exposure and
/// cast are drawn from `random`.
Image Develop(Philox* random, AerialPicture* picture);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_RENDER_AERIAL_CAMERA_H_
