// How fast synthetic data sets are generated. The target: 1,000 images of
// 800 x 800 in under 60 s on two cores, that is 120 ms of processor time per
// image, JPEG and files included; it takes some 85 ms.
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "data/data.pb.h"
#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/random/philox.h"
#include "data/synthetic/layout/plan.h"
#include "data/synthetic/render/render.h"
#include "data/synthetic/scene/scene.h"
#include "data/synthetic/synthesis.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

SynthesisSpec Recipe(int64_t size) {
  SynthesisSpec spec;
  spec.set_image_size(static_cast<int>(size));
  return spec;
}

Scene Plan(const SynthesisSpec& spec, int64_t number) {
  absl::StatusOr<Scene> scene = PlanScene(spec, "train", number);
  TRANSECT_CHECK_OK(scene.status());
  return *std::move(scene);
}

void BM_Plan(benchmark::State& state) {
  const SynthesisSpec spec = Recipe(state.range(0));
  int64_t number = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(Plan(spec, number++ % 64));
  }
}
BENCHMARK(BM_Plan)->Arg(64)->Arg(800)->Unit(benchmark::kMillisecond);

void BM_Render(benchmark::State& state) {
  const SynthesisSpec spec = Recipe(state.range(0));
  int64_t number = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const Scene scene = Plan(spec, number % 64);
    Philox random = SceneRandom(spec, "pixels", "train", number++ % 64);
    state.ResumeTiming();
    benchmark::DoNotOptimize(RenderScene(scene, spec, &random));
  }
}
BENCHMARK(BM_Render)->Arg(64)->Arg(800)->Unit(benchmark::kMillisecond);

void BM_Encode(benchmark::State& state) {
  const SynthesisSpec spec = Recipe(800);
  Philox random = SceneRandom(spec, "pixels", "train", 0);
  const Image image = RenderScene(Plan(spec, 0), spec, &random);
  for (auto _ : state) {
    benchmark::DoNotOptimize(EncodeJpeg(image, spec.jpeg_quality()));
  }
}
BENCHMARK(BM_Encode)->Unit(benchmark::kMillisecond);

// A whole data set on two threads, by the wall clock: images per second, and
// how long 1,000 would take.
void BM_DataSet(benchmark::State& state) {
  SynthesisSpec spec = Recipe(800);
  spec.set_train_images(static_cast<int>(state.range(0)));
  spec.set_val_images(0);
  const char* temp = getenv("TEST_TMPDIR");
  const std::string dir =
      absl::StrCat(temp != nullptr ? temp : "/tmp", "/synthesis_benchmark");
  for (auto _ : state) {
    std::filesystem::remove_all(dir);
    TRANSECT_CHECK_OK(
        WriteSyntheticDataset(spec, dir, nullptr, /*threads=*/2).status());
  }
  std::filesystem::remove_all(dir);
  using benchmark::Counter;
  const auto images = static_cast<double>(state.range(0) * state.iterations());
  state.counters["images_per_second"] = Counter(images, Counter::kIsRate);
  state.counters["s_per_1000"] =
      Counter(images / 1000, Counter::kIsRate | Counter::kInvert);
}
BENCHMARK(BM_DataSet)
    ->Arg(24)
    ->MeasureProcessCPUTime()
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace transect

BENCHMARK_MAIN();
