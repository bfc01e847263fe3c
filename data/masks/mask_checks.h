/// \file
/// Measures of a mask alone, and of a mask and its box, behind some kinds of
/// defects (data/defects.h).
#ifndef TRANSECT_DATA_MASKS_MASK_CHECKS_H_
#define TRANSECT_DATA_MASKS_MASK_CHECKS_H_

#include <array>

#include "data/masks/rle.h"

namespace transect {

/// Whether a mask follows the grid of 8 x 8 pixels in which JPEG codes, as a
/// mask thresholded from a JPEG file does (ringing). True if
///
/// - all sides of its extent that are not at the image's border, at least two,
///   lie on the grid, and the columns of the mask fall into two pieces or more
///   on average, as the noise of such masks makes them; or
/// - half of at least 32 borders between vertically adjacent pixels lie on grid
///   rows, at least 8 on each of four rows, as where whole blocks are filled.
///
/// An exact mask may have one of these properties by chance, such as a box at
/// multiples of 8, but not both of a line. False for an empty mask.
bool FollowsJpegGrid(const Rle& mask);

/// Area that `box` = {x1, y1, x2, y2} (x2, y2 exclusive) shares with the
/// mask's extent over the smaller of the two areas, 0 to 1; 0 if one is empty.
/// Not intersection over union: a mask that ringing made a little too large or
/// too small still lies about its box.
double BoxOverlap(const std::array<int, 4>& box, const Rle& mask);

}  // namespace transect

#endif  // TRANSECT_DATA_MASKS_MASK_CHECKS_H_
