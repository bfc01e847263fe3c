/// \file
/// An evaluated item as small pictures for people, for the gallery of a report
/// page.
#ifndef TRANSECT_LAUNCH_EVALUATION_DRAW_ITEM_H_
#define TRANSECT_LAUNCH_EVALUATION_DRAW_ITEM_H_

#include <c10/core/Device.h>

#include "data/index/dataset_index.h"
#include "data/text/tokenizer.h"
#include "experiments/experiment.pb.h"
#include "launch/requests/drawn_items.pb.h"
#include "metrics/metric_log.pb.h"
#include "model/base/segmentation_model.h"

namespace transect {

/// Longer side of the pictures in pixels; smaller images are drawn larger.
inline constexpr int kDrawnSide = 160;

/// A network that can be asked. Nothing is owned.
struct AskedNetwork {
  /// Resolved.
  const RunSpec* run = nullptr;
  const Tokenizer* tokenizer = nullptr;
  /// On `device`, in evaluation mode.
  SegmentationModel* model = nullptr;
  c10::Device device = c10::Device(c10::DeviceType::CPU);
};

/// Draws `sample`: its image, the true mask, the predicted mask and the
/// activation map over it (data/image/prediction_picture.h).
///
/// The predicted mask is the one that was scored, `logged`; where that is null,
/// what the network predicts, without pixels that do not count. The network is
/// asked for one item at a time, so its map does not depend on other items.
///
/// \param network null where there is none: then there is no map.
/// \returns never an error: DrawnItem::missing says why there is no picture.
DrawnItem DrawItem(const Sample& sample, const PredictedMask* logged,
                   const AskedNetwork* network);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EVALUATION_DRAW_ITEM_H_
