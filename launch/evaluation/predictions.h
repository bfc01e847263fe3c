/// \file
/// The loop over the items that a rank evaluates: predicted masks, batch by
/// batch. The final evaluation and validations during a training count with it.
#ifndef TRANSECT_LAUNCH_EVALUATION_PREDICTIONS_H_
#define TRANSECT_LAUNCH_EVALUATION_PREDICTIONS_H_

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/batch/batch.h"
#include "data/index/dataset_index.h"
#include "launch/evaluation/eval_items.h"
#include "launch/rank/train_task.h"

namespace transect {

/// The predicted mask of each item of a batch, row-major, at the size of its
/// true mask; any byte but 0 is in it. Ignored pixels are left out.
using Masks = std::vector<std::vector<uint8_t>>;

/// Those of `items`, whose batch is `batch`. A pixel is predicted where the
/// logit, resized to the size of the item's true mask (ResizeLogits,
/// model/postprocess.h), is above 0: of an item at another resolution
/// (resolution.h) the logits go there and never to the size of the image.
/// \param memo what earlier calls of this evaluation left; of the same images.
/// Errors: MEMORY, INTERNAL.
absl::StatusOr<Masks> PredictMasks(const TrainTask& task,
                                   absl::Span<const Sample* const> items,
                                   const Batch& batch, EvaluationMemo* memo);

/// A batch of items with their own sentences.
struct PredictedBatch {
  /// Where its items stand among all.
  ItemRange range;
  std::vector<const Sample*> items;
  /// The same at the resolution of the evaluation, which `masks` have: `items`
  /// themselves or copies in `resized`.
  std::vector<const Sample*> scored;
  std::vector<Sample> resized;
  Batch batch;
  Masks masks;
  /// For more calls of PredictMasks with these images.
  EvaluationMemo* memo = nullptr;
};

/// Predicts those of `items` that are for this rank (EvalBatches, by
/// `evaluation.batch`) and calls `use` for each batch, in order; logs progress
/// as `what`. `resolution` as EvaluationSpec.resolution. Meanwhile the network
/// is in evaluation mode with its adapters merged (model/lora/merge.h),
/// afterwards as it was. Ranks do not communicate.
/// \returns the number of items of this rank. Errors: DATA, MEMORY, INTERNAL,
///   those of `use`, which end it.
absl::StatusOr<int64_t> ForEachPrediction(
    const TrainTask& task, absl::Span<const Sample* const> items,
    absl::string_view what, int resolution,
    const std::function<absl::Status(PredictedBatch*)>& use);

/// All of them.
std::vector<const Sample*> ItemsOf(const DatasetIndex& data);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EVALUATION_PREDICTIONS_H_
