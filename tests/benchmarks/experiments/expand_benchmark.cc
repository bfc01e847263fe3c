// What `transect plan` does before it looks at the store, for 10 to 10,000
// runs: parsing, validation alone, and all of expansion (resolve, validate,
// hash). Time must grow linearly; 10,000 runs are to take less than a second.
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "benchmark/benchmark.h"
#include "data/io/textproto.h"
#include "experiments/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/validate.h"
#include "tests/experiments/sample_specs.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

void BM_Parse(benchmark::State& state) {
  const std::string text = PrintTextproto(SampleExperimentOf(state.range(0)));
  for (auto _ : state) {
    Experiment experiment;
    TRANSECT_CHECK_OK(ParseTextproto(text, "", &experiment));
    benchmark::DoNotOptimize(experiment);
  }
  state.SetComplexityN(state.range(0));
}

void BM_Validate(benchmark::State& state) {
  const Experiment experiment = SampleExperimentOf(state.range(0));
  for (auto _ : state) {
    TRANSECT_CHECK(ValidateExperiment(experiment).empty());
  }
  state.SetComplexityN(state.range(0));
}

void BM_Expand(benchmark::State& state) {
  const Experiment experiment = SampleExperimentOf(state.range(0));
  for (auto _ : state) {
    const absl::StatusOr<Expansion> expansion = Expand(experiment, {});
    TRANSECT_CHECK_OK(expansion.status());
    TRANSECT_CHECK(expansion->runs.size() ==
                   static_cast<size_t>(state.range(0)));
  }
  state.SetComplexityN(state.range(0));
}

#define TRANSECT_RUNS     \
  RangeMultiplier(10)     \
      ->Range(10, 10'000) \
      ->Complexity()      \
      ->Unit(benchmark::kMillisecond)

BENCHMARK(BM_Parse)->TRANSECT_RUNS;
BENCHMARK(BM_Validate)->TRANSECT_RUNS;
BENCHMARK(BM_Expand)->TRANSECT_RUNS;

}  // namespace
}  // namespace transect

BENCHMARK_MAIN();
