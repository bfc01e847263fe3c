// What `transect plan` does, for 10 to 10,000 runs in an empty store and for
// the quickstart: time must grow linearly, and the quickstart stay under 50 ms.
// The parts before the plan are expand_benchmark's.
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "benchmark/benchmark.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/load.h"
#include "launch/inputs/site.h"
#include "launch/plan/plan.h"
#include "launch/plan/plan_report.h"
#include "launch/plan/plan_text.h"
#include "launch/plan/price.h"
#include "launch/store/store.h"
#include "launch/store/throughput.h"
#include "tests/experiments/testing/sample_specs.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

constexpr char kCode[] = "fedcba9876543210fedcba9876543210";
constexpr char kNoStore[] = "/nonexistent/store";

Plan PlanOf(const Experiment& experiment) {
  const absl::StatusOr<Store> store = Store::Open(kNoStore);
  TRANSECT_CHECK_OK(store.status());
  absl::StatusOr<Plan> plan =
      MakePlan(*Expand(experiment, {}), *store, SiteFile(), kCode, nullptr);
  TRANSECT_CHECK_OK(plan.status());
  return *std::move(plan);
}

std::string ScreenOf(const Plan& plan, const Experiment& experiment) {
  PlanFrame frame;
  const std::vector<JobPrice> prices = PriceJobs(plan, {}, ThisMachine());
  return RenderPlan(BuildPlanReport(plan, experiment, prices, frame), {});
}

void BM_MakePlan(benchmark::State& state) {
  const Experiment experiment = SampleExperimentOf(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(PlanOf(experiment));
  }
  state.SetComplexityN(state.range(0));
}

void BM_PriceAndShow(benchmark::State& state) {
  const Experiment experiment = SampleExperimentOf(state.range(0));
  const Plan plan = PlanOf(experiment);
  for (auto _ : state) {
    benchmark::DoNotOptimize(ScreenOf(plan, experiment));
  }
  state.SetComplexityN(state.range(0));
}

void BM_Quickstart(benchmark::State& state) {
  for (auto _ : state) {
    const absl::StatusOr<Experiment> experiment =
        LoadExperiment("experiments/quickstart.textproto");
    TRANSECT_CHECK_OK(experiment.status());
    benchmark::DoNotOptimize(ScreenOf(PlanOf(*experiment), *experiment));
  }
}

#define TRANSECT_RUNS     \
  RangeMultiplier(10)     \
      ->Range(10, 10'000) \
      ->Complexity()      \
      ->Unit(benchmark::kMillisecond)

BENCHMARK(BM_MakePlan)->TRANSECT_RUNS;
BENCHMARK(BM_PriceAndShow)->TRANSECT_RUNS;
BENCHMARK(BM_Quickstart)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace transect

BENCHMARK_MAIN();
