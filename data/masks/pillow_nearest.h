/// \file
/// Masks resized as Pillow resizes them, for evaluators that compare at a fixed
/// size. Networks and repairs resize as OpenCV does: ResizeRleNearest (rle.h).
#ifndef TRANSECT_DATA_MASKS_PILLOW_NEAREST_H_
#define TRANSECT_DATA_MASKS_PILLOW_NEAREST_H_

#include "data/masks/rle.h"

namespace transect {

/// The mask resized to height x width, both at least 1: the pixels of Pillow's
/// Image.resize with NEAREST. Output i takes the source at int(p_i), where
///
///     p_0 = scale / 2,  p_i+1 = p_i + scale,  scale = source size / size
///
/// in double, added up one by one; floor((i + 0.5) scale) takes other pixels
/// where the sum has rounded (512 to 480: at i = 7, 22, 97, ...). OpenCV's
/// floor(i scale) takes other ones everywhere. A region of 0 x 0 stays one.
Rle ResizeRleAsPillow(const Rle& rle, int height, int width);

}  // namespace transect

#endif  // TRANSECT_DATA_MASKS_PILLOW_NEAREST_H_
