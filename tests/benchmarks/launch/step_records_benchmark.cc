// What a step of a training pays for its records and for the trace that nobody
// asked for.
//
//   bazel run //tests/benchmarks/launch:step_records_benchmark
//
// `FiniteAlone` is what a trainer pays that looks for overflows and knows no
// norm.
#include <ATen/record_function.h>
#include <stdlib.h>
#include <torch/torch.h>

#include <cmath>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "experiments/experiment.pb.h"
#include "launch/collective/tree_sum.h"
#include "launch/optimizer/adamw_optimizer.h"
#include "launch/training/step_log.h"
#include "launch/training/step_profile.h"
#include "launch/training/training_state.h"
#include "tests/launch/testing/small_run.h"
#include "tests/launch/testing/training_rank.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

// An optimizer of so many elements in eight parts.
AdamWOptimizer Optimizer(const benchmark::State& state) {
  at::set_num_threads(1);
  OptimizerShare share;
  share.parts = 8;
  AdamWOptimizer optimizer({torch::rand({state.range(0)})}, AdamWSpec(), share);
  optimizer.HoldGradients();
  optimizer.gradients().fill_(0.5);
  return optimizer;
}

void BM_NormAndFinite(benchmark::State& state) {
  const AdamWOptimizer optimizer = Optimizer(state);
  for (auto _ : state) {
    TRANSECT_CHECK(
        std::isfinite(TreeSum(optimizer.SquaredNorms()).item<double>()));
  }
}
BENCHMARK(BM_NormAndFinite)->Arg(2'000'000)->Arg(20'000'000);

void BM_FiniteAlone(benchmark::State& state) {
  const AdamWOptimizer optimizer = Optimizer(state);
  for (auto _ : state) {
    TRANSECT_CHECK(at::isfinite(optimizer.gradients()).all().item<bool>());
  }
}
BENCHMARK(BM_FiniteAlone)->Arg(2'000'000)->Arg(20'000'000);

// The argument is `training.log_every`.
void BM_StepLog(benchmark::State& state) {
  RunSpec run = SmallRun();
  run.mutable_training()->set_log_every(state.range(0));
  TrainingRank rank(run, absl::StrCat("log_", state.range(0), "_", rand()));
  TrainingState training(&rank.model(), run.training());
  const TrainTask task = rank.task();
  StepLog log(task, &training, int64_t{1} << 60);
  for (auto _ : state) {
    training.EndStep();
    TRANSECT_CHECK_OK(log.Done({.loss = 1, .lr = 1, .gradient_norm = 2}));
  }
}
BENCHMARK(BM_StepLog)->Arg(1)->Arg(10)->Arg(int64_t{1} << 40);

// `training.profile_steps` is 0, and a step has ten named parts.
void BM_NoTrace(benchmark::State& state) {
  TrainingRank rank(SmallRun(), absl::StrCat("no_trace_", rand()));
  const TrainTask task = rank.task();
  StepProfile profile(task);
  for (auto _ : state) {
    const StepProfile::Step step(&profile);
    for (int i = 0; i < 10; ++i) {
      RECORD_USER_SCOPE("part");
    }
  }
}
BENCHMARK(BM_NoTrace);

}  // namespace
}  // namespace transect

BENCHMARK_MAIN();
