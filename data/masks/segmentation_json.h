/// \file
/// Masks in the JSON of data sets: COCO's run lengths, compressed or not.
#ifndef TRANSECT_DATA_MASKS_SEGMENTATION_JSON_H_
#define TRANSECT_DATA_MASKS_SEGMENTATION_JSON_H_

#include "absl/status/statusor.h"
#include "data/masks/rle.h"
#include "nlohmann/json_fwd.hpp"

namespace transect {

/// Reads {"size": [height, width], "counts": C}, or a list of one such object
/// (RRSIS-D). C is the compressed string or a list of run lengths.
/// kInvalidArgument says what is wrong.
absl::StatusOr<Rle> RleFromJson(const nlohmann::json& segmentation);

}  // namespace transect

#endif  // TRANSECT_DATA_MASKS_SEGMENTATION_JSON_H_
