#include "tests/analysis/certainty/made_tables.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "analysis/certainty/certainty.h"
#include "data/io/file.h"
#include "data/random/philox.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {

RunInput MadeRun(const std::string& label, uint64_t seed, double quality,
                 int count) {
  Philox of_items(1, "sizes");
  Philox random(seed, absl::StrCat("run ", label));
  auto items = std::make_shared<std::vector<EvalItem>>();
  const double shift = 0.005 * random.NextNormal();
  for (int id = 0; id < count; ++id) {
    const auto size = static_cast<int64_t>(1000 + of_items.NextBelow(4000));
    const double iou =
        std::clamp(quality + shift + 0.1 * of_items.NextNormal() +
                       0.05 * random.NextNormal(),
                   0.0, 1.0);
    EvalItem item;
    item.set_split("val");
    item.set_item_id(id);
    item.mutable_prediction()->set_union_(size);
    item.mutable_prediction()->set_intersection(
        std::llround(iou * static_cast<double>(size)));
    items->push_back(std::move(item));
  }
  RunInput run;
  run.seed = seed;
  run.spec_id = Sha256(absl::StrCat(label, seed)).substr(0, 8);
  run.code = "c0de00000000beef";
  run.items = std::move(items);
  return run;
}

RowInput MadeRow(const std::string& label, double quality, int seeds,
                 bool is_base) {
  RowInput row;
  row.label = label;
  row.is_base = is_base;
  for (int s = 1; s <= seeds; ++s) {
    row.runs.push_back(MadeRun(label, static_cast<uint64_t>(s), quality));
  }
  return row;
}

ReportInput MadeInput(std::vector<RowInput> rows) {
  TableInput table;
  table.name = "rank";
  table.base_settings = {{"rank", "16"}};
  table.dataset = "synthetic data set 0123456789ab";
  table.rows = std::move(rows);
  return {.title = "LoRA rank & 100 % of it", .tables = {table}};
}

ComparisonReport MadeReportOf(const ReportInput& input,
                              const StatisticsSpec& spec) {
  absl::StatusOr<ComparisonReport> report = BuildReport(input);
  TRANSECT_CHECK(report.ok()) << report.status();
  TRANSECT_CHECK_OK(AddCertainty(spec, "made", input, &*report));
  return *std::move(report);
}

ComparisonReport MadeTables(int seeds, const StatisticsSpec& spec) {
  std::vector<RowInput> rows = {MadeRow("base", 0.6, seeds, /*is_base=*/true),
                                MadeRow("rank=2", 0.5, seeds),
                                MadeRow("rank=32_&", 0.601, seeds),
                                MadeRow("rank=64", 0.58, seeds)};
  rows[3].runs.back().items = nullptr;
  rows[3].runs.back().missing = "failed: the loss became infinite";
  return MadeReportOf(MadeInput(std::move(rows)), spec);
}

}  // namespace transect
