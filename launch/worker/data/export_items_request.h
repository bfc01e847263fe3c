/// \file
/// `transect evaluate --items FILE`: what an evaluation measured of each item.
/// No LibTorch.
#ifndef TRANSECT_LAUNCH_WORKER_DATA_EXPORT_ITEMS_REQUEST_H_
#define TRANSECT_LAUNCH_WORKER_DATA_EXPORT_ITEMS_REQUEST_H_

#include "absl/status/statusor.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Joins the evaluated items with the samples of the split and writes a line
/// for each, ascending by item: as CSV (RFC 4180, a header, UTF-8) or JSON
/// lines, by the end of the file's name. Both have the same columns:
///
///     item               id in the data set
///     split
///     image              path of the image file
///     sentence           as the network was asked
///     category_id        of the named object; -1 where it is not known
///     category           its name; empty or null where it is not known
///     height, width      of the image in pixels
///     true_pixels, predicted_pixels, intersection, union
///     iou                intersection / union; 1 where the union is empty
///     permuted_iou, permuted_within_category_iou, other_object_iou,
///     all_objects_iou, distractor_iou
///                        the controls (EvalItem, metrics/metric_log.proto);
///                        empty or null where the item has none
///
/// The file appears complete or not at all and replaces what is there.
/// kDataLoss where an item is not in the split: then it is not the data that
/// was evaluated. Errors of DatasetIndex::Open and ReadMetricLog.
absl::StatusOr<ExitCode::Code> ExportItems(const ExportItemsRequest& request);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_DATA_EXPORT_ITEMS_REQUEST_H_
