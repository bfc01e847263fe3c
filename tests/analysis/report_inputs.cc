#include "tests/analysis/report_inputs.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace transect {

EvalItem Item(int64_t id, int64_t intersection, int64_t either) {
  EvalItem item;
  item.set_split("val");
  item.set_item_id(id);
  item.mutable_prediction()->set_intersection(intersection);
  item.mutable_prediction()->set_union_(either);
  return item;
}

RunInput Done(uint64_t seed, std::vector<EvalItem> items) {
  RunInput run;
  run.seed = seed;
  run.spec_id = absl::StrCat("spec", seed);
  run.code = "code";
  run.items = std::make_shared<const std::vector<EvalItem>>(std::move(items));
  return run;
}

RunInput Missing(uint64_t seed, std::string reason) {
  RunInput run;
  run.seed = seed;
  run.missing = std::move(reason);
  return run;
}

ReportInput OneTable(std::vector<RowInput> rows) {
  return {.title = "title",
          .tables = {{.name = "study", .base_settings = {}, .rows = rows}}};
}

RowInput Row(std::string label, bool is_base, std::vector<RunInput> runs) {
  return {.label = std::move(label),
          .settings = {},
          .is_base = is_base,
          .runs = std::move(runs)};
}

const ReportCell& Giou(const ReportRow& row) { return row.metrics(6); }

}  // namespace transect
