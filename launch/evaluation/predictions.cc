#include "launch/evaluation/predictions.h"

#include <torch/torch.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "data/loader/loader.h"
#include "data/masks/rle.h"
#include "experiments/experiment.pb.h"
#include "launch/evaluation/resolution.h"
#include "launch/rank/batches.h"
#include "launch/rank/exit_codes.h"
#include "launch/rank/forward.h"
#include "model/base/segmentation_model.h"
#include "model/base/torch_status.h"
#include "model/lora/merge.h"
#include "model/postprocess.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// The network in evaluation mode as long as this lives.
class EvaluationMode {
 public:
  explicit EvaluationMode(SegmentationModel* model)
      : model_(model), trains_(model->is_training()) {
    model_->eval();
  }
  ~EvaluationMode() {
    if (trains_) model_->train();
  }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  SegmentationModel* const model_;
  const bool trains_;
};

// Fills `scored`.
void ScoreAt(int resolution, PredictedBatch* predicted) {
  predicted->scored = predicted->items;
  if (resolution == 0) return;
  for (const Sample* item : predicted->items) {
    predicted->resized.push_back(AtResolution(*item, resolution));
  }
  for (size_t i = 0; i < predicted->resized.size(); ++i) {
    predicted->scored[i] = &predicted->resized[i];
  }
}

}  // namespace

absl::StatusOr<Masks> PredictMasks(const TrainTask& task,
                                   absl::Span<const Sample* const> items,
                                   const Batch& batch, EvaluationMemo* memo) {
  absl::StatusOr<Masks> masks = TorchToStatus(
      absl::StrCat("evaluation of item ", items[0]->id, " and its batch"), [&] {
        const torch::NoGradGuard no_grad;
        const at::Tensor logits =
            ForwardBatch(*task.model, batch, task.device, /*step=*/0, memo)
                .mask_logits;
        const int input_size = InputFormatOf(*task.run).image_size;
        Masks result;
        for (size_t i = 0; i < items.size(); ++i) {
          const Rle& truth = items[i]->mask;
          const at::Tensor mask =
              ResizeLogits(logits[static_cast<int64_t>(i)], input_size,
                           truth.height, truth.width)
                  .gt(0)
                  .to(at::kByte)
                  .cpu()
                  .contiguous();
          const uint8_t* const pixels = mask.data_ptr<uint8_t>();
          result.emplace_back(pixels, pixels + mask.numel());
          // The true mask has none of these pixels, so they count nowhere.
          ClearRegion(items[i]->ignored, absl::MakeSpan(result.back()));
        }
        return result;
      });
  return masks.ok() ? masks : MarkComputation(masks.status());
}

absl::StatusOr<int64_t> ForEachPrediction(
    const TrainTask& task, absl::Span<const Sample* const> items,
    absl::string_view what, int resolution,
    const std::function<absl::Status(PredictedBatch*)>& use) {
  const std::vector<ItemRange> batches = EvalBatches(
      static_cast<int64_t>(items.size()), task.run->evaluation().batch(),
      task.collective->rank(), task.collective->ranks());
  int64_t total = 0;
  for (const ItemRange& range : batches) {
    total += range.end - range.begin;
  }
  const auto items_of = [&](int64_t k) {
    return std::vector<const Sample*>(items.begin() + batches[k].begin,
                                      items.begin() + batches[k].end);
  };
  const auto count = static_cast<int64_t>(batches.size());
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<Loader> loader,
                            StartLoader(task, items_of, /*begin=*/0, count));
  const EvaluationMode mode(task.model);
  std::optional<MergedAdapters> merged;
  TRANSECT_RETURN_IF_ERROR(MarkComputation(
      TorchToStatus("merging adapters", [&] { merged.emplace(*task.model); })));
  EvaluationMemo memo;
  int64_t done = 0;
  for (int64_t k = 0; k < count; ++k) {
    PredictedBatch predicted;
    predicted.range = batches[k];
    predicted.items = items_of(k);
    predicted.memo = &memo;
    memo.images.clear();
    TRANSECT_ASSIGN_OR_RETURN(predicted.batch, NextBatch(task, loader.get()));
    ScoreAt(resolution, &predicted);
    TRANSECT_ASSIGN_OR_RETURN(
        predicted.masks,
        PredictMasks(task, predicted.scored, predicted.batch, &memo));
    TRANSECT_RETURN_IF_ERROR(use(&predicted));
    done += static_cast<int64_t>(predicted.items.size());
    TRANSECT_RETURN_IF_ERROR(task.log->Progress(what, done, total));
  }
  return done;
}

std::vector<const Sample*> ItemsOf(const DatasetIndex& data) {
  std::vector<const Sample*> items;
  for (const Sample& sample : data.samples()) items.push_back(&sample);
  return items;
}

}  // namespace transect
