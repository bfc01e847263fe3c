#include "analysis/answers/long_table.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/answers/breakdown.h"
#include "analysis/answers/row_runs.h"
#include "analysis/measure_name.h"
#include "analysis/written/csv.h"
#include "data/io/utf8.h"

namespace transect {
namespace {

// The shortest digits that give the same double again; empty for what is no
// number.
std::string Digits(double value) {
  if (!std::isfinite(value)) return "";
  std::array<char, 32> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  return {buffer.data(), end};
}

// What the lines of one run begin with.
std::vector<std::string> RunCells(const ReportTable& table,
                                  const ReportRow& row, const ReportRun& run) {
  return {table.name(), row.label(), run.spec_id(),
          run.has_seed() ? absl::StrCat(run.seed()) : ""};
}

class Lines {
 public:
  Lines(std::vector<std::string> start, std::string* csv)
      : start_(std::move(start)), csv_(csv) {}

  void Add(const std::vector<std::string>& rest) {
    std::vector<std::string> cells = start_;
    cells.insert(cells.end(), rest.begin(), rest.end());
    AppendCsvLine(cells, csv_);
  }

 private:
  const std::vector<std::string> start_;
  std::string* const csv_;
};

void AddCurves(const TrainingSeries& series, Lines* lines) {
  for (const TrainStep& step : series.steps) {
    const std::string at = absl::StrCat(step.step());
    const auto add = [&](const char* metric, double value) {
      lines->Add({"training", at, "", metric, Digits(value)});
    };
    add("loss", step.loss());
    add("learning rate", step.lr());
    if (step.has_gradient_norm()) add("gradient norm", step.gradient_norm());
    // 0 in logs that are older than these.
    if (step.images_per_second() > 0) {
      add("images per second", step.images_per_second());
    }
    if (step.step_seconds() > 0) add("seconds of a step", step.step_seconds());
  }
  for (const Validation& validation : series.validations) {
    const std::string at = absl::StrCat(validation.step());
    lines->Add({"validation", at, validation.split(),
                MeasureName(ReportCell::GIOU), Digits(validation.giou())});
    lines->Add({"validation", at, validation.split(),
                MeasureName(ReportCell::CIOU), Digits(validation.ciou())});
  }
}

// The split, and of what it is where that is not the experiment's data.
std::string SplitText(const ReportTable& table) {
  return table.evaluated_later().empty()
             ? table.split()
             : absl::StrCat(table.split(), " of ", table.evaluated_later());
}

// The value of a run, the `counted`th that counts; null where the measure is of
// other runs only.
const SeedValue* ValueOf(const ReportCell& cell, const ReportRow& row,
                         const ReportRun& run, int counted) {
  if (cell.values_size() == row.n()) return &cell.values(counted);
  for (const SeedValue& value : cell.values()) {
    if (run.has_seed() && value.has_seed() && value.seed() == run.seed()) {
      return &value;
    }
  }
  return nullptr;
}

// Whether the table is the first of its design, which has the curves.
bool IsFirst(const ComparisonReport& report, int table) {
  for (int i = 0; i < table; ++i) {
    if (report.tables(i).name() == report.tables(table).name()) return false;
  }
  return true;
}

void AddRow(const ReportTable& table, const ReportRow& row,
            const TrainingCurves* curves, std::string* csv) {
  const bool later = !table.evaluated_later().empty();
  int counted = 0;
  for (const ReportRun& run : row.runs()) {
    Lines lines(RunCells(table, row, run), csv);
    if (run.missing().empty()) {
      for (const auto* cells : {&row.metrics(), &row.controls()}) {
        for (const ReportCell& cell : *cells) {
          const SeedValue* const value = ValueOf(cell, row, run, counted);
          if (value == nullptr) continue;
          lines.Add({later ? "later" : "evaluation", "", SplitText(table),
                     MeasureName(cell.kind()), Digits(value->value())});
        }
      }
      ++counted;
    }
    if (curves == nullptr) continue;
    const auto curve = curves->find(run.spec_id());
    if (curve != curves->end()) AddCurves(curve->second, &lines);
  }
}

}  // namespace

std::string LongCsv(const ComparisonReport& report,
                    const TrainingCurves& curves) {
  std::string csv = "design,cell,run,seed,source,step,split,metric,value\n";
  for (int i = 0; i < report.tables_size(); ++i) {
    for (const ReportRow& row : report.tables(i).rows()) {
      AddRow(report.tables(i), row, IsFirst(report, i) ? &curves : nullptr,
             &csv);
    }
  }
  return csv;
}

std::string LongItemsCsv(const ReportInput& input,
                         const ComparisonReport& report) {
  std::string csv =
      "design,cell,run,seed,split,item,category,object_pixels,image_pixels,"
      "sentence,metric,value\n";
  for (const ReportTable& table : report.tables()) {
    for (const RowInput& row : InputOf(input, table).rows) {
      for (const ScoredRun& run : ScoredRuns(row, table.split())) {
        Lines lines({table.name(), ReplaceInvalidUtf8(row.label), run.spec_id,
                     run.seed.has_value() ? absl::StrCat(*run.seed) : "",
                     SplitText(table)},
                    &csv);
        for (const EvalItem& item : run.items) {
          const auto add = [&](const char* metric, std::string value) {
            lines.Add(
                {absl::StrCat(item.item_id()),
                 item.category_id() < 0 ? "" : absl::StrCat(item.category_id()),
                 item.has_target_area() ? absl::StrCat(item.target_area()) : "",
                 item.image_pixels() > 0 ? absl::StrCat(item.image_pixels())
                                         : "",
                 SentenceName(item), metric, std::move(value)});
          };
          const PixelCounts& pixels = item.prediction();
          add("intersection", absl::StrCat(pixels.intersection()));
          add("union", absl::StrCat(pixels.union_()));
          add("iou", pixels.union_() == 0
                         ? ""
                         : Digits(static_cast<double>(pixels.intersection()) /
                                  static_cast<double>(pixels.union_())));
        }
      }
    }
  }
  return csv;
}

}  // namespace transect
