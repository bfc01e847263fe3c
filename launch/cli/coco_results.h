/// \file
/// The predictions of a finished run in the form that pycocotools loads as
/// results.
#ifndef TRANSECT_LAUNCH_CLI_COCO_RESULTS_H_
#define TRANSECT_LAUNCH_CLI_COCO_RESULTS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/store/find_run.h"

namespace transect {

/// A JSON array with one object for each evaluated item, ascending by id:
/// "image_id" (the item's id; in RRSIS-D the image's), "category_id" where the
/// data set knows it, "segmentation" {"size": [height, width], "counts"} at the
/// size of the original image, and "score", which is always 1: an item has one
/// prediction.
///
/// Of the run's own data set. `split` "" takes the only split that was
/// evaluated; several are InvalidArgument, with their names. NotFound where the
/// run recorded no masks (a run that only makes weights) or none of that split;
/// DataLoss for a damaged log.
absl::StatusOr<std::string> CocoResults(const FoundRun& run,
                                        absl::string_view split);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_COCO_RESULTS_H_
