#include "tests/analysis/answers/study.h"

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/random/philox.h"
#include "metrics/metric_log.pb.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {

double Noise(const std::string& row, int seed, int item) {
  Philox random(static_cast<uint64_t>(seed), row, static_cast<uint64_t>(item));
  return static_cast<double>(random.NextBelow(20001)) / 10000 - 1;
}

ReportInput Study(const StudyShape& shape,
                  const std::function<double(const std::string& row, int seed,
                                             int item)>& iou) {
  TableInput table;
  table.name = "study";
  table.base_settings = {{"rank", "16"}, {"text", "FULL"}};
  table.dataset = "synthetic data set 0123456789ab";
  const std::vector<std::pair<std::string, std::string>> cells = {
      {"", ""}, {"rank", "8"}, {"rank", "32"}, {"text", "ZERO"}};
  for (const auto& [axis, value] : cells) {
    RowInput row;
    row.is_base = axis.empty();
    row.label = row.is_base ? "base" : absl::StrCat(axis, "=", value);
    if (!row.is_base) row.settings = {{axis, value}};
    for (int seed = 1; seed <= shape.seeds; ++seed) {
      RunInput run;
      run.seed = seed;
      run.spec_id = absl::StrCat(row.label, "-", seed);
      run.code = "code";
      auto items = std::make_shared<std::vector<EvalItem>>();
      for (int i = 0; i < shape.items; ++i) {
        EvalItem& item = items->emplace_back();
        item.set_split("val");
        item.set_item_id(100 + i);
        item.set_category_id(i % 3);
        const int64_t area = shape.area(i);
        item.set_target_area(area);
        item.set_image_pixels(100'000);
        item.mutable_prediction()->set_union_(area);
        item.mutable_prediction()->set_intersection(
            std::llround(iou(row.label, seed, i) * static_cast<double>(area)));
        if (i % 3 == 0) item.add_sentence_parts(EvalItem::ONLY_CATEGORY);
        if (i % 3 == 2) item.add_sentence_parts(EvalItem::COLOR);
        if (i % 3 != 0) item.add_sentence_parts(EvalItem::POSITION);
      }
      run.items = std::move(items);
      row.runs.push_back(std::move(run));
    }
    table.rows.push_back(std::move(row));
  }
  ReportInput input;
  input.title = "made";
  input.tables = {std::move(table)};
  return input;
}

ComparisonReport ReportOf(const ReportInput& input) {
  absl::StatusOr<ComparisonReport> report = BuildReport(input);
  TRANSECT_CHECK_OK(report.status());
  return *std::move(report);
}

}  // namespace transect
