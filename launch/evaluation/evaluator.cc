#include "launch/evaluation/evaluator.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "data/batch/batch.h"
#include "data/data.pb.h"
#include "data/index/dataset_index.h"
#include "data/masks/rle.h"
#include "experiments/experiment.pb.h"
#include "launch/evaluation/eval_items.h"
#include "launch/evaluation/predictions.h"
#include "launch/evaluation/sample_sheet.h"
#include "launch/rank/exit_codes.h"
#include "launch/rank/train_task.h"
#include "metrics/metric_log.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

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
                             Batch* batch, EvaluationMemo* memo,
                             std::vector<MetricRecord>* records) {
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
  TRANSECT_ASSIGN_OR_RETURN(const Masks masks,
                            PredictMasks(task, items, *batch, memo));
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
  const std::vector<Control> controls = ControlsOf(*task.run, data.samples());
  const auto record = [&](PredictedBatch* predicted) -> absl::Status {
    const std::vector<const Sample*>& items = predicted->scored;
    const Masks& masks = predicted->masks;
    std::vector<MetricRecord> records(items.size());
    for (size_t i = 0; i < items.size(); ++i) {
      *records[i].mutable_eval_item() = MakeEvalItem(*items[i], masks[i]);
    }
    for (const Control& control : controls) {
      TRANSECT_RETURN_IF_ERROR(
          EvaluateControl(task, items, control, predicted->range,
                          &predicted->batch, predicted->memo, &records));
    }
    for (size_t i = 0; i < items.size(); ++i) {
      const EvalItem& item = records[i].eval_item();
      TRANSECT_RETURN_IF_ERROR(task.log->Append(records[i]));
      TRANSECT_RETURN_IF_ERROR(
          task.log->AppendMask(MakePredictedMask(*items[i], masks[i])));
      TRANSECT_RETURN_IF_ERROR(
          sheet->Add(*predicted->items[i],
                     {masks[i], items[i]->mask.height, items[i]->mask.width},
                     item.prediction()));
    }
    return absl::OkStatus();
  };
  return ForEachPrediction(task, ItemsOf(data), "evaluated",
                           task.run->evaluation().resolution(), record);
}

}  // namespace transect
