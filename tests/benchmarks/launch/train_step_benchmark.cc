// Time of one training step of the tiny preset, from tensors in memory to
// changed weights, by part. Decoding of images is not in it.
//
//   bazel run //tests/benchmarks/launch:train_step_benchmark
//
// Arguments of a line: images per step, threads, and 0 for LoRA or 1 for all
// parameters. `forward`, `backward` and `optimizer` are seconds per step.

#include <torch/torch.h>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "experiments/training/training.pb.h"
#include "launch/training/adamw_optimizer.h"
#include "model/base/segmentation_model.h"
#include "model/build_model.h"
#include "model/loss.h"
#include "model/model.pb.h"
#include "model/spec.h"

namespace transect {
namespace {

using Clock = std::chrono::steady_clock;

double Seconds(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

ModelSpec TinyModel(bool all) {
  ModelSpec spec;
  RsRefSegSpec* const model = spec.mutable_rsrefseg();
  model->mutable_siglip()->set_variant(SiglipSpec::TINY);
  model->mutable_sam()->set_variant(SamSpec::TINY);
  model->set_tuning(all ? RsRefSegSpec::ALL : RsRefSegSpec::ADAPTERS);
  ResolveModelSpec(&spec);
  return spec;
}

ModelInput RandomInput(const ModelSpec& spec, int64_t images) {
  constexpr int64_t kTokens = 12;
  const RsRefSegSpec& model = spec.rsrefseg();
  const int64_t side = model.sam().image_size();
  ModelInput input;
  input.image = torch::rand({images, 3, side, side});
  input.token_ids = torch::randint(3, model.siglip().vocab_size(),
                                   {images, kTokens}, at::kLong);
  input.token_ids.select(1, kTokens - 1).fill_(1);
  input.token_counts = torch::full({images}, kTokens, at::kLong);
  for (int64_t i = 0; i < images; ++i) {
    input.sample_ids.push_back(i);
  }
  return input;
}

std::vector<at::Tensor> TrainedTensors(const SegmentationModel& model) {
  std::vector<at::Tensor> tensors;
  for (const at::Tensor& parameter : model.parameters()) {
    if (parameter.requires_grad()) {
      tensors.push_back(parameter);
    }
  }
  return tensors;
}

void BM_TrainStep(benchmark::State& state) {
  const int64_t images = state.range(0);
  at::set_num_threads(static_cast<int>(state.range(1)));
  at::globalContext().setDeterministicAlgorithms(true, false);
  at::globalContext().setDeterministicFillUninitializedMemory(false);
  at::manual_seed(1);
  const bool all = state.range(2) != 0;
  const ModelSpec spec = TinyModel(all);
  auto model = BuildModel(spec, 1);
  if (!model.ok()) {
    state.SkipWithError(std::string(model.status().message()).c_str());
    return;
  }
  (*model)->train();
  ModelInput input = RandomInput(spec, images);
  const int64_t side = spec.rsrefseg().sam().image_size();
  const at::Tensor mask =
      (torch::rand({images, 1, side, side}) > 0.9).to(at::kFloat);
  AdamWOptimizer optimizer(TrainedTensors(**model), AdamWSpec());
  double forward = 0;
  double backward = 0;
  double update = 0;
  double last_loss = 0;
  const auto step = [&] {
    const Clock::time_point start = Clock::now();
    optimizer.ZeroGradients();
    const at::Tensor loss = SegmentationLoss((*model)->Forward(input), mask,
                                             {1.0, all ? 1.0 : 0.0});
    const Clock::time_point computed = Clock::now();
    loss.backward();
    const Clock::time_point differentiated = Clock::now();
    optimizer.Step(1e-4);
    last_loss = loss.item<double>();
    ++input.step;
    forward += Seconds(start, computed);
    backward += Seconds(computed, differentiated);
    update += Seconds(differentiated, Clock::now());
  };
  // Warm-up: the first steps allocate. They also show that it learns.
  step();
  const double first_loss = last_loss;
  for (int i = 0; i < 4; ++i) {
    step();
  }
  if (!std::isfinite(last_loss) || last_loss >= first_loss) {
    state.SkipWithError("the loss did not fall");
    return;
  }
  forward = backward = update = 0;
  for (auto _ : state) {
    step();
  }
  const auto per_step = benchmark::Counter::kAvgIterations;
  state.counters["forward"] = benchmark::Counter(forward, per_step);
  state.counters["backward"] = benchmark::Counter(backward, per_step);
  state.counters["optimizer"] = benchmark::Counter(update, per_step);
  state.counters["images/s"] =
      benchmark::Counter(static_cast<double>(state.iterations() * images),
                         benchmark::Counter::kIsRate);
}
BENCHMARK(BM_TrainStep)
    ->Args({16, 1, 0})
    ->Args({16, 2, 0})
    ->Args({16, 1, 1})
    ->Args({16, 2, 1})
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace transect

BENCHMARK_MAIN();
