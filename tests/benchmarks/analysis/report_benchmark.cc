// Bootstrap of many runs at once, and all that a report does with its logs, at
// 10, 100 and 1,000 runs:
//
//     bazel run //tests/benchmarks/analysis:report_benchmark
//
// The bootstrap is of gIoU and cIoU over 3,481 items, the test split of
// RRSIS-D, with 10,000 resamples; the goal for 1,000 runs is 5 s on two cores.
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/aggregate.h"
#include "analysis/certainty/certainty.h"
#include "analysis/formats/render_text.h"
#include "analysis/statistics/item_bootstrap.h"
#include "benchmark/benchmark.h"
#include "data/random/philox.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

constexpr int kItems = 3481;

void BM_Bootstrap(benchmark::State& state) {
  const auto runs = static_cast<int>(state.range(0));
  std::vector<RatioColumns> columns;
  for (int r = 0; r < runs; ++r) {
    Philox random(1, "run", static_cast<uint64_t>(r));
    RatioColumns giou, ciou;
    for (int i = 0; i < kItems; ++i) {
      const auto size = static_cast<double>(1 + random.NextBelow(640000));
      const double iou = random.NextUniform();
      giou.numerators.push_back(iou);
      ciou.numerators.push_back(std::nearbyint(iou * size));
      ciou.denominators.push_back(size);
    }
    columns.push_back(std::move(giou));
    columns.push_back(std::move(ciou));
  }
  for (auto _ : state) {
    const auto ratios = BootstrapRatios(columns, {.count = 10000});
    TRANSECT_CHECK(ratios.ok()) << ratios.status();
    benchmark::DoNotOptimize(ratios->values.data());
  }
}
BENCHMARK(BM_Bootstrap)
    ->Arg(10)
    ->Arg(100)
    ->Arg(1000)
    ->Unit(benchmark::kSecond)
    ->UseRealTime()
    ->Iterations(1);

// Cells of five seeds in one table.
ReportInput Input(int runs) {
  TableInput table;
  table.name = "study";
  for (int r = 0; r < runs; ++r) {
    if (r % 5 == 0) {
      table.rows.push_back({.label = absl::StrCat("cell ", r / 5),
                            .settings = {},
                            .is_base = r == 0,
                            .runs = {}});
    }
    Philox random(2, "run", static_cast<uint64_t>(r));
    auto items = std::make_shared<std::vector<EvalItem>>();
    for (int i = 0; i < kItems; ++i) {
      EvalItem item;
      item.set_split("test");
      item.set_item_id(i);
      const auto size = static_cast<int64_t>(1 + random.NextBelow(640000));
      item.mutable_prediction()->set_union_(size);
      item.mutable_prediction()->set_intersection(static_cast<int64_t>(
          random.NextBelow(static_cast<uint64_t>(size) + 1)));
      items->push_back(std::move(item));
    }
    RunInput run;
    run.seed = static_cast<uint64_t>(r % 5 + 1);
    run.spec_id = absl::StrCat("run", r);
    run.code = "code";
    run.items = std::move(items);
    table.rows.back().runs.push_back(std::move(run));
  }
  return {.title = "benchmark", .tables = {std::move(table)}};
}

// Scores, means, differences, intervals of all metrics, tests of gIoU, text.
void BM_Report(benchmark::State& state) {
  const ReportInput input = Input(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    auto report = BuildReport(input);
    TRANSECT_CHECK(report.ok()) << report.status();
    TRANSECT_CHECK_OK(AddCertainty({}, "benchmark", input, &*report));
    benchmark::DoNotOptimize(RenderText(*report, {}));
  }
}
BENCHMARK(BM_Report)
    ->Arg(10)
    ->Arg(100)
    ->Arg(1000)
    ->Unit(benchmark::kSecond)
    ->UseRealTime()
    ->Iterations(1);

}  // namespace
}  // namespace transect

BENCHMARK_MAIN();
