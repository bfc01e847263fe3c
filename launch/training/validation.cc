#include "launch/training/validation.h"

#include <ATen/record_function.h>
#include <torch/torch.h>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "data/index/dataset_index.h"
#include "data/masks/rle.h"
#include "experiments/training/training_spec.h"
#include "launch/evaluation/eval_items.h"
#include "launch/evaluation/predictions.h"
#include "launch/training/best_so_far.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

std::vector<const Sample*> SpreadItems(std::vector<const Sample*> items,
                                       int64_t count) {
  const auto all = static_cast<int64_t>(items.size());
  if (count >= all) return items;
  std::vector<const Sample*> chosen;
  for (int64_t i = 0; i < count; ++i) chosen.push_back(items[i * all / count]);
  return chosen;
}

Validator::Validator(const TrainTask& task, const DatasetIndex& train,
                     const DatasetIndex* split, const TrainLength& length)
    : task_(task),
      spec_(task.run->training().validation()),
      length_(length),
      validates_(split != nullptr && Validates(task.run->training())) {
  if (!validates_) return;
  items_ = ItemsOf(*split);
  train_items_ = SpreadItems(ItemsOf(train), spec_.train_items());
}

bool Validator::IsDueAfter(int64_t steps) const {
  if (!validates_ || steps <= 0) return false;
  if (steps == length_.steps) return true;
  if (spec_.every_steps() > 0) return steps % spec_.every_steps() == 0;
  // An epoch ends with the step after which the next one begins.
  const auto interval = [&](int64_t step) {
    return length_.epochs.Of(step) / spec_.every_epochs();
  };
  return interval(steps) != interval(steps - 1);
}

absl::StatusOr<bool> Validator::Run(const StopSignals& signals,
                                    TrainingState* state) {
  RECORD_USER_SCOPE("validation");
  MetricRecord record, train_record;
  TRANSECT_ASSIGN_OR_RETURN(
      bool left, Score(items_, spec_.split(), signals, state->steps(),
                       record.mutable_validation()));
  if (!left && !train_items_.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(
        left, Score(train_items_, "train", signals, state->steps(),
                    train_record.mutable_validation()));
  }
  if (left) return true;

  Validation* const validation = record.mutable_validation();
  if (BestSoFar* const best = state->best(); best != nullptr) {
    validation->set_best(
        best->Add(state->steps(), spec_.metric() == ValidationSpec::CIOU
                                      ? validation->ciou()
                                      : validation->giou()));
    if (validation->best() && task_.collective->rank() == 0) {
      state->KeepWeights();
    }
  }
  TRANSECT_RETURN_IF_ERROR(Log(*state, record));
  if (!train_items_.empty()) {
    TRANSECT_RETURN_IF_ERROR(Log(*state, train_record));
  }
  if (EndsEarly(*state)) {
    const std::string why = absl::StrFormat(
        "the training ends after step %d of %d: the best %s on %s, %.4f, is "
        "that after step %d; validations since without a better one: %d",
        state->steps(), length_.steps,
        std::string(ValidationMetricName(spec_.metric())), spec_.split(),
        state->best()->metric, state->best()->step, state->best()->since);
    MetricRecord event;
    event.mutable_event()->set_text(why);
    TRANSECT_RETURN_IF_ERROR(Log(*state, event));
    if (task_.collective->rank() == 0) std::cerr << why << std::endl;
  }
  return false;
}

bool Validator::EndsEarly(TrainingState& state) const {
  return validates_ && spec_.early_stopping() &&
         state.steps() < length_.steps &&
         state.best()->since >= spec_.patience();
}

absl::StatusOr<std::vector<ItemCounts>> Validator::Count(
    const std::vector<const Sample*>& items, const StopSignals& signals) {
  const auto size = static_cast<int64_t>(items.size());
  // Intersections, unions and whether a signal came. An item is counted by one
  // rank, so that the sum gathers them.
  at::Tensor counts = at::zeros({2 * size + 1}, at::kLong);
  int64_t* const mine = counts.data_ptr<int64_t>();
  const auto count = [&](PredictedBatch* predicted) -> absl::Status {
    for (size_t i = 0; i < predicted->items.size(); ++i) {
      const PixelCounts pixels = CountPixels(
          predicted->masks[i], MaskFromRle(predicted->items[i]->mask));
      const int64_t at = predicted->range.begin + static_cast<int64_t>(i);
      mine[at] = pixels.intersection();
      mine[size + at] = pixels.union_();
    }
    if (!signals.came()) return absl::OkStatus();
    mine[2 * size] = 1;
    return absl::CancelledError();
  };
  const auto counted = ForEachPrediction(task_, items, "validated",
                                         /*resolution=*/0, count);
  if (!counted.ok() && mine[2 * size] == 0) return counted.status();
  TRANSECT_RETURN_IF_ERROR(
      task_.collective->AllReduceSum("counts of a validation", counts));
  const int64_t* const all = counts.data_ptr<int64_t>();
  std::vector<ItemCounts> result;
  if (all[2 * size] > 0) return result;
  for (int64_t i = 0; i < size; ++i) {
    result.push_back({.item_id = items[i]->id,
                      .intersection = all[i],
                      .union_ = all[size + i]});
  }
  return result;
}

absl::StatusOr<bool> Validator::Score(const std::vector<const Sample*>& items,
                                      absl::string_view split,
                                      const StopSignals& signals, int64_t step,
                                      Validation* record) {
  const auto start = std::chrono::steady_clock::now();
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<ItemCounts> counts,
                            Count(items, signals));
  if (counts.empty()) return true;
  TRANSECT_ASSIGN_OR_RETURN(const SegmentationScores scores,
                            transect::Score(counts));
  record->set_step(step);
  record->set_split(std::string(split));
  record->set_giou(scores.giou);
  record->set_ciou(scores.ciou);
  for (const ItemCounts& item : counts) {
    record->add_item_id(item.item_id);
    record->add_intersection(item.intersection);
    record->add_union_(item.union_);
  }
  record->set_seconds(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
          .count());
  return false;
}

absl::Status Validator::Log(const TrainingState& state,
                            const MetricRecord& record) {
  if (task_.collective->rank() != 0) return absl::OkStatus();
  const absl::Status logged = task_.log->Append(record);
  return state.steps() == length_.steps ? absl::OkStatus() : logged;
}

}  // namespace transect
