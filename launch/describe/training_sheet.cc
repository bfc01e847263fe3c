#include "launch/describe/training_sheet.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "launch/store/store.h"
#include "metrics/metric_log.pb.h"
#include "metrics/training_series.h"

namespace transect {
namespace {

std::string LossText(const TrainingSeries& series) {
  const TrainStep& first = series.steps.front();
  const TrainStep& last = series.steps.back();
  std::string text =
      absl::StrFormat("%.4g at step %d", first.loss(), first.step());
  if (series.steps.size() > 1) {
    absl::StrAppendFormat(&text, ", %.4g at step %d", last.loss(), last.step());
  }
  return absl::StrCat(
      text, " of ", last.steps(),
      last.mean_of_steps() > 1
          ? absl::StrCat(", the mean of ", last.mean_of_steps(), " steps")
          : "");
}

std::string PartsText(const TrainingSeries& series) {
  return absl::StrJoin(
      series.parts, ", ",
      [](std::string* out, const TrainingSeries::Part& part) {
        absl::StrAppend(
            out, "attempt ", part.attempt,
            part.end > part.begin
                ? absl::StrCat(": ", part.begin + 1, " to ", part.end)
                : ": none yet");
      });
}

std::string ScoreText(const Validation& validation) {
  return absl::StrFormat("gIoU %.2f %% at step %d", 100 * validation.giou(),
                         validation.step());
}

void AddValidations(const TrainingSeries& series, Sheet* sheet) {
  std::map<std::string, std::vector<const Validation*>> by_split;
  for (const Validation& each : series.validations) {
    by_split[each.split()].push_back(&each);
  }
  for (const auto& [split, all] : by_split) {
    const Validation* const best = *std::ranges::max_element(
        all, {}, [](const Validation* each) { return each->giou(); });
    std::string text = absl::StrCat(split, ": ", ScoreText(*all.front()));
    if (best != all.front()) {
      absl::StrAppend(&text, ", best ", ScoreText(*best));
    }
    if (all.size() > 1 && best != all.back()) {
      absl::StrAppend(&text, ", last ", ScoreText(*all.back()));
    }
    sheet->Add("validated", text);
  }
}

}  // namespace

void AddTraining(const std::string& job_dir, int last, Sheet* sheet) {
  const absl::StatusOr<TrainingSeries> series =
      ReadTrainingSeries(MetricsOfAttempts(job_dir), last);
  if (!series.ok()) {
    sheet->Add("series",
               absl::StrCat("cannot be read: ", series.status().message()));
    return;
  }
  if (!series->steps.empty()) sheet->Add("loss", LossText(*series));
  if (series->parts.size() > 1) sheet->Add("steps", PartsText(*series));
  AddValidations(*series, sheet);
  for (const std::string& problem : series->problems) {
    sheet->Add("note", problem);
  }
}

}  // namespace transect
