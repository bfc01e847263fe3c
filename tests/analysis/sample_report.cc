#include "tests/analysis/sample_report.h"

#include <memory>
#include <utility>
#include <vector>

#include "metrics/metric_log.pb.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

void SetCounts(int64_t intersection, PixelCounts* counts) {
  counts->set_intersection(intersection);
  counts->set_union_(100);
}

RunInput Done(uint64_t seed, const char* spec_id, int64_t hits) {
  auto items = std::make_shared<std::vector<EvalItem>>();
  for (int64_t id = 0; id < 10; ++id) {
    EvalItem item;
    item.set_split("val");
    item.set_item_id(id);
    SetCounts(hits, item.mutable_prediction());
    SetCounts(10, item.mutable_permuted());
    SetCounts(25, item.mutable_all_objects());
    if (id < 4) {
      SetCounts(40, item.mutable_distractor());
      item.set_category_objects(id < 2 ? 2 : 3);
    }
    items->push_back(std::move(item));
  }
  RunInput run;
  run.seed = seed;
  run.spec_id = spec_id;
  run.code = "c0de00000000beef";
  run.items = std::move(items);
  return run;
}

RunInput Missing(uint64_t seed, const char* spec_id, const char* reason) {
  RunInput run;
  run.seed = seed;
  run.spec_id = spec_id;
  run.missing = reason;
  return run;
}

}  // namespace

ReportInput SampleInput() {
  TableInput table;
  table.name = "prompts";
  table.base_settings = {{"rank", "16"}, {"prompts", "SPARSE_AND_DENSE"}};
  table.dataset = "synthetic data set 0123456789ab";
  table.shared_by_seeds = {"the data set",
                           "initial weights, trained once (seed 1)"};
  table.rows = {
      {.label = "base",
       .settings = {},
       .is_base = true,
       .runs = {Done(1, "aaaa1111", 50), Done(2, "aaaa2222", 60)}},
      {.label = "prompts=SPARSE",
       .settings = {{"prompts", "SPARSE"}},
       .is_base = false,
       .runs = {Done(1, "bbbb1111", 30),
                Missing(2, "bbbb2222", "failed: the loss became infinite")}},
      {.label = "rank=2",
       .settings = {{"rank", "2"}},
       .is_base = false,
       .runs = {Missing(1, "cccc1111", "not started"),
                Missing(2, "cccc2222", "not started")}},
  };
  return {.title = "LoRA on another style", .tables = {table}};
}

ComparisonReport SampleReport() {
  absl::StatusOr<ComparisonReport> report = BuildReport(SampleInput());
  TRANSECT_CHECK(report.ok()) << report.status();
  return *std::move(report);
}

}  // namespace transect
