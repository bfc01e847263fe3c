#include "launch/worker/evaluator.h"

#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "data/batch/batch.h"
#include "data/dataset_index.h"
#include "data/rle.h"
#include "launch/launch.pb.h"
#include "launch/worker/eval_items.h"
#include "launch/worker/exit_codes.h"
#include "launch/worker/sample_sheet.h"
#include "launch/worker/train_task.h"
#include "metrics/metric_log.pb.h"
#include "model/base/torch_status.h"
#include "model/postprocess.h"
#include "model/segmentation_model.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// The predicted mask of each sample, row-major, at the size of its annotation.
using Masks = std::vector<std::vector<uint8_t>>;

absl::StatusOr<Masks> Predict(const TrainTask& task,
                              absl::Span<const Sample* const> samples,
                              absl::Span<const std::string> sentences) {
  absl::StatusOr<Batch> batch = MakeBatchWithSentences(
      samples, sentences, *task.tokenizer, task.image_size,
      task.run->tokenizer().max_tokens());
  if (!batch.ok()) {
    return MarkExitCode(batch.status(), ExitCode::DATA);
  }
  absl::StatusOr<Masks> masks = TorchToStatus(
      absl::StrCat("evaluation of item ", samples[0]->id, " and its batch"),
      [&] {
        const torch::NoGradGuard no_grad;
        const at::Tensor logits =
            task.model
                ->Forward({batch->image.to(task.device), batch->token_ids,
                           batch->token_counts, batch->sample_ids})
                .mask_logits;
        Masks result;
        for (size_t i = 0; i < samples.size(); ++i) {
          const Rle& truth = samples[i]->mask;
          const at::Tensor mask =
              ResizeLogits(logits[static_cast<int64_t>(i)], task.image_size,
                           truth.height, truth.width)
                  .gt(0)
                  .to(at::kByte)
                  .cpu()
                  .contiguous();
          const uint8_t* const pixels = mask.data_ptr<uint8_t>();
          result.emplace_back(pixels, pixels + mask.numel());
        }
        return result;
      });
  return masks.ok() ? masks : MarkComputation(masks.status());
}

}  // namespace

absl::StatusOr<int64_t> Evaluate(const TrainTask& task,
                                 const DatasetIndex& data, SampleSheet* sheet) {
  const std::vector<Sample>& samples = data.samples();
  const auto size = static_cast<int64_t>(samples.size());
  const EvaluationSpec& spec = task.run->evaluation();
  const std::vector<ItemRange> batches = EvalBatches(
      size, spec.batch(), task.collective->rank(), task.collective->ranks());
  std::vector<int64_t> permuted;
  if (spec.permuted_sentences() && size > 1) {
    permuted = PermutedItems(size);
  }
  int64_t total = 0;
  for (const ItemRange& range : batches) {
    total += range.end - range.begin;
  }
  task.model->eval();
  int64_t done = 0;
  for (const ItemRange& range : batches) {
    std::vector<const Sample*> items;
    std::vector<std::string> own;
    std::vector<std::string> others;
    for (int64_t i = range.begin; i < range.end; ++i) {
      items.push_back(&samples[i]);
      own.push_back(samples[i].sentence);
      if (!permuted.empty()) {
        others.push_back(samples[permuted[i]].sentence);
      }
    }
    TRANSECT_ASSIGN_OR_RETURN(const Masks masks, Predict(task, items, own));
    Masks controls;
    if (!permuted.empty()) {
      TRANSECT_ASSIGN_OR_RETURN(controls, Predict(task, items, others));
    }
    for (size_t i = 0; i < items.size(); ++i) {
      MetricRecord record;
      EvalItem* const item = record.mutable_eval_item();
      *item = MakeEvalItem(*items[i], masks[i]);
      if (!permuted.empty()) {
        *item->mutable_permuted() =
            CountPixels(controls[i], MaskFromRle(items[i]->mask));
      }
      TRANSECT_RETURN_IF_ERROR(task.log->Append(record));
      TRANSECT_RETURN_IF_ERROR(
          task.log->AppendMask(MakePredictedMask(*items[i], masks[i])));
      TRANSECT_RETURN_IF_ERROR(
          sheet->Add(*items[i], masks[i], item->prediction()));
    }
    done += range.end - range.begin;
    TRANSECT_RETURN_IF_ERROR(task.log->Progress("evaluated", done, total));
  }
  return done;
}

}  // namespace transect
