#include "launch/evaluation/evaluator.h"

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "data/batch/batch.h"
#include "data/data.pb.h"
#include "data/index/dataset_index.h"
#include "data/loader/loader.h"
#include "data/masks/rle.h"
#include "experiments/experiment.pb.h"
#include "experiments/training/training.pb.h"
#include "launch/evaluation/eval_items.h"
#include "launch/evaluation/sample_sheet.h"
#include "launch/rank/batches.h"
#include "launch/rank/exit_codes.h"
#include "launch/rank/forward.h"
#include "launch/rank/train_task.h"
#include "metrics/metric_log.pb.h"
#include "model/base/segmentation_model.h"
#include "model/base/torch_status.h"
#include "model/postprocess.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// The predicted mask of each sample, row-major, at the size of its annotation;
// ignored pixels are left out of it.
using Masks = std::vector<std::vector<uint8_t>>;

absl::StatusOr<Masks> Predict(const TrainTask& task,
                              absl::Span<const Sample* const> samples,
                              const Batch& batch) {
  absl::StatusOr<Masks> masks = TorchToStatus(
      absl::StrCat("evaluation of item ", samples[0]->id, " and its batch"),
      [&] {
        const torch::NoGradGuard no_grad;
        const at::Tensor logits =
            ForwardBatch(*task.model, batch, task.device).mask_logits;
        const int input_size = InputFormatOf(*task.run).image_size;
        Masks result;
        for (size_t i = 0; i < samples.size(); ++i) {
          const Rle& truth = samples[i]->mask;
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
          ClearRegion(samples[i]->ignored, absl::MakeSpan(result.back()));
        }
        return result;
      });
  return masks.ok() ? masks : MarkComputation(masks.status());
}

// One more evaluation of every item that has a sentence here.
struct Control {
  // One for each sample of the split; "" where the control is not defined.
  std::vector<std::string> sentences;
  // Where it goes.
  PixelCounts* (EvalItem::*counts)();
};

std::vector<Control> ControlsOf(const RunSpec& run,
                                absl::Span<const Sample> samples) {
  std::vector<Control> controls;
  const EvaluationSpec& spec = run.evaluation();
  if (spec.permuted_sentences()) {
    controls.push_back(
        {PermutedSentences(samples), &EvalItem::mutable_permuted});
  }
  if (spec.permuted_within_category()) {
    controls.push_back({SentencesWithinCategory(samples),
                        &EvalItem::mutable_permuted_within_category});
  }
  if (spec.other_object_sentences()) {
    controls.push_back(
        {OtherObjectSentences(samples), &EvalItem::mutable_other_object});
  }
  if (run.data().sentences() == DataSpec::CONSTANT) {
    for (Control& control : controls) {
      for (std::string& sentence : control.sentences) {
        if (!sentence.empty()) {
          sentence = kConstantSentence;
        }
      }
    }
  }
  return controls;
}

// Adds the counts of `control` to the records of the items in `range`, which
// are those of `batch`; leaves other sentences in it.
absl::Status EvaluateControl(const TrainTask& task,
                             absl::Span<const Sample* const> items,
                             const Control& control, const ItemRange& range,
                             Batch* batch, std::vector<MetricRecord>* records) {
  // Items without the control keep their own sentences: which items share a
  // batch stays the same.
  std::vector<std::string> sentences;
  bool any = false;
  for (size_t i = 0; i < items.size(); ++i) {
    const std::string& other = control.sentences[range.begin + i];
    sentences.push_back(other.empty() ? items[i]->sentence : other);
    any = any || !other.empty();
  }
  if (!any) {
    return absl::OkStatus();
  }
  TRANSECT_RETURN_IF_ERROR(MarkSample(SetSentences(
      sentences, *task.tokenizer, task.run->tokenizer().max_tokens(), batch)));
  TRANSECT_ASSIGN_OR_RETURN(const Masks masks, Predict(task, items, *batch));
  for (size_t i = 0; i < items.size(); ++i) {
    if (!control.sentences[range.begin + i].empty()) {
      EvalItem* const item = (*records)[i].mutable_eval_item();
      *(item->*control.counts)() =
          CountPixels(masks[i], MaskFromRle(items[i]->mask));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int64_t> Evaluate(const TrainTask& task,
                                 const DatasetIndex& data, SampleSheet* sheet) {
  const std::vector<Sample>& samples = data.samples();
  const auto size = static_cast<int64_t>(samples.size());
  const EvaluationSpec& spec = task.run->evaluation();
  const std::vector<ItemRange> batches = EvalBatches(
      size, spec.batch(), task.collective->rank(), task.collective->ranks());
  const std::vector<Control> controls = ControlsOf(*task.run, samples);
  int64_t total = 0;
  for (const ItemRange& range : batches) {
    total += range.end - range.begin;
  }
  const auto items_of = [&](int64_t k) {
    std::vector<const Sample*> items;
    for (int64_t i = batches[k].begin; i < batches[k].end; ++i) {
      items.push_back(&samples[i]);
    }
    return items;
  };
  const auto count = static_cast<int64_t>(batches.size());
  TRANSECT_ASSIGN_OR_RETURN(const std::unique_ptr<Loader> loader,
                            StartLoader(task, items_of, /*begin=*/0, count));
  task.model->eval();
  int64_t done = 0;
  for (int64_t k = 0; k < count; ++k) {
    const std::vector<const Sample*> items = items_of(k);
    TRANSECT_ASSIGN_OR_RETURN(Batch batch, NextBatch(task, loader.get()));
    TRANSECT_ASSIGN_OR_RETURN(const Masks masks, Predict(task, items, batch));
    std::vector<MetricRecord> records(items.size());
    for (size_t i = 0; i < items.size(); ++i) {
      *records[i].mutable_eval_item() = MakeEvalItem(*items[i], masks[i]);
    }
    for (const Control& control : controls) {
      TRANSECT_RETURN_IF_ERROR(
          EvaluateControl(task, items, control, batches[k], &batch, &records));
    }
    for (size_t i = 0; i < items.size(); ++i) {
      const EvalItem& item = records[i].eval_item();
      TRANSECT_RETURN_IF_ERROR(task.log->Append(records[i]));
      TRANSECT_RETURN_IF_ERROR(
          task.log->AppendMask(MakePredictedMask(*items[i], masks[i])));
      TRANSECT_RETURN_IF_ERROR(
          sheet->Add(*items[i], masks[i], item.prediction()));
    }
    done += static_cast<int64_t>(items.size());
    TRANSECT_RETURN_IF_ERROR(task.log->Progress("evaluated", done, total));
  }
  return done;
}

}  // namespace transect
