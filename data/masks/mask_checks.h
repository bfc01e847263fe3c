/// \file
/// What can be told from a mask alone, and from a mask and its box: the
/// measures behind some kinds of defects (data/defects.h).
#ifndef TRANSECT_DATA_MASKS_MASK_CHECKS_H_
#define TRANSECT_DATA_MASKS_MASK_CHECKS_H_

#include <array>

#include "data/masks/rle.h"

namespace transect {

/// Whether a mask follows the grid of 8 x 8 pixels in which JPEG codes, as one
/// does that was thresholded from a JPEG file (ringing). True if its extent
/// begins and ends on the grid in both directions, sides at the image's border
/// left out and at least two others needed, which chance does to 1 in 64 or
/// fewer; or if half of at least 32 borders between vertically adjacent pixels
/// lie on grid rows, on three different ones at least, where chance has an
/// eighth. False for an empty mask.
bool FollowsJpegGrid(const Rle& mask);

/// Area that `box` = {x1, y1, x2, y2} (x2, y2 exclusive) shares with the
/// mask's extent over the smaller of the two areas, 0 to 1; 0 if one is empty.
/// Not intersection over union: masks that are too large or too small by some
/// ringing lie about their box all the same.
double BoxOverlap(const std::array<int, 4>& box, const Rle& mask);

}  // namespace transect

#endif  // TRANSECT_DATA_MASKS_MASK_CHECKS_H_
