// What `transect plan` does before it looks at the store, for 10 to 10,000
// runs: parsing, validation alone, and all of expansion (resolve, validate,
// hash). Time must grow linearly; 10,000 runs are to take less than a second.
#include <sys/resource.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "benchmark/benchmark.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/expanding/validate.h"
#include "experiments/experiment.pb.h"
#include "tests/experiments/testing/sample_specs.h"
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
    Problems problems;
    benchmark::DoNotOptimize(MakeValidCells(experiment, &problems));
    TRANSECT_CHECK(problems.empty());
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

// A grid of an axis of options, which switch the source of the weights, a
// conditional axis and an axis of rates: `runs` runs of two seeds.
Experiment GridOfRuns(int64_t runs) {
  Experiment experiment = SampleExperiment();
  experiment.clear_axis();
  experiment.clear_design();
  experiment.MergeFrom(FromText<Experiment>(R"pb(
    axis {
      name: "text"
      field: "model.rsrefseg.siglip.text_tuning"
      values: [ "FULL", "HALF", "ZERO" ]
    }
    axis {
      name: "text_rank"
      field: "model.rsrefseg.siglip.text_lora.rank"
      values: [ "2", "4" ]
      when {
        axis: "text"
        values: [ "FULL", "HALF" ]
      }
    }
    axis {
      name: "start"
      option { name: "trained" }
      option {
        name: "drawn"
        set { weights { random {} } }
      }
    }
    axis { name: "lr" field: "training.optimizer.lr" }
    design {
      name: "grid"
      grid { axes: [ "text", "text_rank", "start", "lr" ] }
    }
  )pb"));
  // FULL and HALF with two ranks each, and ZERO: 5 x 2 x rates x 2 seeds.
  for (int64_t i = 1; i <= runs / 20; ++i) {
    experiment.mutable_axis(3)->add_values(absl::StrCat(i, "e-3"));
  }
  return experiment;
}

void BM_ExpandGrid(benchmark::State& state) {
  const Experiment experiment = GridOfRuns(state.range(0));
  for (auto _ : state) {
    const absl::StatusOr<Expansion> expansion = Expand(experiment, {});
    TRANSECT_CHECK_OK(expansion.status());
    TRANSECT_CHECK(expansion->runs.size() ==
                   static_cast<size_t>(state.range(0)));
  }
  state.SetComplexityN(state.range(0));
  // Of the whole process so far.
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  state.counters["peak_MiB"] = static_cast<double>(usage.ru_maxrss) / 1024;
}

#define TRANSECT_RUNS     \
  RangeMultiplier(10)     \
      ->Range(10, 10'000) \
      ->Complexity()      \
      ->Unit(benchmark::kMillisecond)

BENCHMARK(BM_Parse)->TRANSECT_RUNS;
BENCHMARK(BM_Validate)->TRANSECT_RUNS;
BENCHMARK(BM_Expand)->TRANSECT_RUNS;
BENCHMARK(BM_ExpandGrid)
    ->RangeMultiplier(10)
    ->Range(20, 10'000)
    ->Complexity()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace transect

BENCHMARK_MAIN();
