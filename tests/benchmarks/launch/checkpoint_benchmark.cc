// What a checkpoint costs a training with so many million trained parameters:
// RSRefSeg-l at rank 16 has 20.6.
//
//   bazel run //tests/benchmarks/launch:checkpoint_benchmark
//
// `HandOver` is what the step waits for: the copy of the state, and starting
// the thread. `Whole` is until the file is there, in a thread beside the steps;
// its CPU time is what they lose at most, where they use all processors. The
// share of a step is either over the interval, 10 minutes by default.
#include <stdlib.h>
#include <torch/torch.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "experiments/training/training.pb.h"
#include "launch/store/job.pb.h"
#include "launch/training/checkpoints.h"
#include "launch/training/training_state.h"
#include "model/base/segmentation_model.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

// As many trained parameters as asked for, in tensors of a million.
class Parameters : public SegmentationModel {
 public:
  explicit Parameters(int64_t millions) {
    for (int64_t i = 0; i < millions; ++i) {
      register_parameter(absl::StrCat("p", i), torch::rand({1000, 1000}));
    }
  }
  ModelOutput Forward(const ModelInput&) override { return {}; }
};

// A training in a folder of its own.
class Training {
 public:
  explicit Training(int64_t millions)
      : model_(millions), state_(&model_, TrainingSpec()) {
    const char* const temporary = getenv("TEST_TMPDIR");
    std::string folder = absl::StrCat(temporary == nullptr ? "/tmp" : temporary,
                                      "/checkpoints_XXXXXX");
    TRANSECT_CHECK(mkdtemp(folder.data()) != nullptr);
    plan_.set_job_dir(folder);
    plan_.set_attempt(1);
    plan_.set_attempt_dir(folder + "/attempts/0001");
    plan_.set_id("benchmark");
    std::filesystem::create_directories(plan_.attempt_dir());
    auto writer = CheckpointWriter::Start(plan_, /*keep=*/2);
    TRANSECT_CHECK_OK(writer.status());
    writer_ = *std::move(writer);
  }
  ~Training() {
    writer_.reset();
    std::filesystem::remove_all(plan_.job_dir());
  }

  void Step() { state_.EndStep(); }
  void HandOver() {
    TRANSECT_CHECK_OK(writer_->Write(state_.steps(), state_.Save()));
  }
  void Finish() { TRANSECT_CHECK_OK(writer_->Finish()); }

 private:
  Parameters model_;
  TrainingState state_;
  LaunchPlan plan_;
  std::unique_ptr<CheckpointWriter> writer_;
};

void BM_HandOver(benchmark::State& state) {
  Training training(state.range(0));
  for (auto _ : state) {
    training.Step();
    training.HandOver();
    state.PauseTiming();
    training.Finish();
    state.ResumeTiming();
  }
}
BENCHMARK(BM_HandOver)->Arg(1)->Arg(21)->Unit(benchmark::kMillisecond);

void BM_Whole(benchmark::State& state) {
  Training training(state.range(0));
  for (auto _ : state) {
    training.Step();
    training.HandOver();
    training.Finish();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0) * 12'000'000);
}
BENCHMARK(BM_Whole)
    ->Arg(1)
    ->Arg(21)
    ->Unit(benchmark::kMillisecond)
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace transect

BENCHMARK_MAIN();
