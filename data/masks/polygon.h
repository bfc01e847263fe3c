/// \file
/// COCO's polygons as run lengths.
#ifndef TRANSECT_DATA_MASKS_POLYGON_H_
#define TRANSECT_DATA_MASKS_POLYGON_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "data/masks/rle.h"

namespace transect {

/// Largest magnitude of a corner's coordinate, in pixels.
inline constexpr double kMaxPolygonCoordinate = 1e5;
/// Longest outline of a polygon, in fifths of a pixel.
inline constexpr int64_t kMaxPolygonOutline = int64_t{1} << 26;

/// The pixels that `frPoly` of pycocotools gives for the polygon with corners
/// x, y, x, y, ... in an image of height x width, pixel for pixel, in canonical
/// form. It rounds corners to fifths of a pixel, walks the outline in such
/// steps, and takes the pixels whose centers lie inside; what lies outside of
/// the image is cut off. An outline that crosses itself is filled by the
/// even-odd rule.
///
/// kInvalidArgument for fewer than 3 corners, an odd number of coordinates, and
/// what is beyond the two limits above or that of a mask.
absl::StatusOr<Rle> RleFromPolygon(absl::Span<const double> corners,
                                   int64_t height, int64_t width);

}  // namespace transect

#endif  // TRANSECT_DATA_MASKS_POLYGON_H_
