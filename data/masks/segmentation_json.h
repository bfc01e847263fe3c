/// \file
/// Masks in the JSON of data sets: COCO's run lengths, compressed or not, and
/// COCO's polygons.
#ifndef TRANSECT_DATA_MASKS_SEGMENTATION_JSON_H_
#define TRANSECT_DATA_MASKS_SEGMENTATION_JSON_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "data/masks/rle.h"
#include "nlohmann/json_fwd.hpp"

namespace transect {

/// Height and width of an image in pixels, not checked; 0 x 0 where they are
/// not known.
struct GivenSize {
  int64_t height = 0;
  int64_t width = 0;
};

/// Most runs of all polygons of one mask together.
inline constexpr int64_t kMaxPolygonRuns = int64_t{1} << 21;

/// Reads {"size": [height, width], "counts": C}, or a list of one such object
/// (RRSIS-D). C is the compressed string or a list of run lengths. Or reads a
/// list of polygons, each a list x, y, x, y, ... (polygon.h), or one such
/// polygon: their union in an image of size `image`, which polygons need.
/// kInvalidArgument says what is wrong.
absl::StatusOr<Rle> RleFromJson(const nlohmann::json& segmentation,
                                const GivenSize& image = {});

}  // namespace transect

#endif  // TRANSECT_DATA_MASKS_SEGMENTATION_JSON_H_
