#include "launch/plan/footprint.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/load.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/throughput.h"

namespace transect {
namespace {

// The first run of tests/e2e/tiny.textproto.
RunSpec TinyRun() {
  return Expand(*LoadExperiment("tests/e2e/tiny.textproto"), {})->runs[0];
}

TrainingPart TrainOnly() { return {}; }
TrainingPart Evaluate(const std::string& split) { return {false, {split}}; }

int64_t HostBytes(const RunSpec& run, const TrainingPart& part) {
  return MemoryOfRank(run, CostOfImage(run), part).host;
}

// peak_memory_bytes in the results of `transect_worker` of an optimized build
// with LibTorch 2.11.0 on two cores of an AMD EPYC: the run that makes the
// initial weights of tiny.textproto, with all towers of SigLIP widened, on
// several ranks.
struct Measured {
  int hidden, mlp, ranks, shards;
  TrainingSpec::Sharding sharding;
  int64_t parameters, bytes;
};

Measured Wide(int ranks, int shards, TrainingSpec::Sharding sharding,
              int64_t bytes) {
  return {1024, 4096, ranks, shards, sharding, 65'192'010, bytes};
}

TEST(MemoryOfRankTest, IsWhatWasMeasured) {
  for (const Measured& measured :
       {Measured{64, 256, 1, 1, TrainingSpec::REPLICATED, 730'890, 238'800'896},
        Measured{64, 256, 2, 2, TrainingSpec::REPLICATED, 730'890, 244'969'472},
        Wide(1, 1, TrainingSpec::REPLICATED, 1'544'818'688),
        Wide(1, 4, TrainingSpec::REPLICATED, 2'231'218'176),
        Wide(2, 2, TrainingSpec::REPLICATED, 1'860'718'592),
        Wide(2, 2, TrainingSpec::ZERO1, 1'489'498'112),
        Wide(1, 1, TrainingSpec::ZERO2, 1'767'841'792),
        Wide(2, 2, TrainingSpec::ZERO2, 1'506'537'472),
        Wide(4, 4, TrainingSpec::ZERO2, 1'182'191'616)}) {
    RunSpec run = TinyRun().weights().trained().run();
    SiglipSpec* const siglip =
        run.mutable_model()->mutable_rsrefseg()->mutable_siglip();
    for (auto* tower : {siglip->mutable_vision(), siglip->mutable_text()}) {
      tower->set_hidden_size(measured.hidden);
      tower->set_mlp_size(measured.mlp);
    }
    run.mutable_training()->set_ranks(measured.ranks);
    run.mutable_training()->set_logical_shards(measured.shards);
    run.mutable_training()->set_sharding(measured.sharding);
    ASSERT_EQ(CostOfImage(run).trainable_parameters, measured.parameters);
    EXPECT_NEAR(static_cast<double>(HostBytes(run, TrainOnly())) /
                    static_cast<double>(measured.bytes),
                1, 0.1)
        << measured.hidden << " wide on " << measured.ranks << " ranks";
  }
}

TEST(MemoryOfRankTest, OnAGpuTensorsAreThereAndOneGradientArrives) {
  RunSpec run = TinyRun();
  run.mutable_training()->set_device(TrainingSpec::CUDA);
  const ModelCost cost = CostOfImage(run);
  const int64_t frozen = cost.parameters - cost.trainable_parameters;
  const MemoryNeed one = MemoryOfRank(run, cost, TrainOnly());
  // Values, gradient, two moments.
  EXPECT_EQ(one.device, 4 * frozen + 16 * cost.trainable_parameters +
                            4 * cost.activation_bytes);
  // Three batches of 4 images and masks of 64 pixels.
  EXPECT_EQ(one.host, 220'000'000 + 3 * 4 * 4 * 64 * 64);
  run.mutable_training()->set_ranks(4);
  run.mutable_training()->set_logical_shards(4);
  EXPECT_EQ(MemoryOfRank(run, cost, TrainOnly()).device,
            4 * frozen + (16 + 8) * cost.trainable_parameters +
                cost.activation_bytes);
  run.mutable_training()->set_precision(TrainingSpec::BF16);
  EXPECT_EQ(MemoryOfRank(run, cost, TrainOnly()).device,
            2 * frozen + (18 + 8) * cost.trainable_parameters +
                cost.activation_bytes);
}

TEST(MemoryOfRankTest, AnEvaluationKeepsNoStateOfTheOptimizer) {
  RunSpec run = TinyRun();
  run.mutable_evaluation()->set_batch(1);
  const ModelCost cost = CostOfImage(run);
  EXPECT_LT(HostBytes(run, Evaluate("val")), HostBytes(run, TrainOnly()));
  EXPECT_GT(HostBytes(run, Evaluate("val")), 4 * cost.parameters);
  // A large batch of an evaluation can be the larger of the two.
  TrainingPart both = TrainOnly();
  both.eval_splits = {"val"};
  EXPECT_EQ(HostBytes(run, both), HostBytes(run, TrainOnly()));
  run.mutable_evaluation()->set_batch(500);
  EXPECT_EQ(HostBytes(run, both), HostBytes(run, Evaluate("val")));
}

// What the first run of tiny.textproto left in a store.
TEST(DiskOfTrainingTest, IsWhatWasMeasured) {
  const RunSpec run = TinyRun();
  const ModelCost cost = CostOfImage(run);
  constexpr int64_t kWeights = 1'442'104;
  constexpr int64_t kLog = 732;
  constexpr int64_t kMasks = 2'897;
  constexpr int64_t kSamples = 762'568;
  constexpr int64_t kFiles = 7'857 + 9'594 + 835 + 505 + 172 + 23 + 18;
  TrainingPart both = TrainOnly();
  both.eval_splits = {"val"};
  EXPECT_NEAR(static_cast<double>(DiskOfTraining(run, cost, both)) /
                  (kWeights + kLog + kMasks + kSamples + kFiles),
              1, 0.05);
  EXPECT_NEAR(static_cast<double>(DiskOfTraining(run, cost, Evaluate("val"))) /
                  (kLog + kMasks + kSamples + kFiles),
              1, 0.05);
}

TEST(DiskOfTrainingTest, CountsMasksByTheWidthOfImages) {
  RunSpec run = TinyRun();
  const ModelCost cost = CostOfImage(run);
  run.mutable_data()->mutable_found()->set_format(FoundDataset::RRSISD);
  run.mutable_evaluation()->set_samples(0);
  // 3481 and 1740 sentences, 80 bytes of the log and 6 a column of 800.
  const TrainingPart part = {false, {"test", "val"}};
  EXPECT_EQ(DiskOfTraining(run, cost, part),
            kBytesOfJobFiles + (3481 + 1740) * (80 + 6 * 800));
  run.mutable_data()->mutable_found()->set_format(FoundDataset::REFSEGRS);
  EXPECT_EQ(DiskOfTraining(run, cost, Evaluate("val")),
            kBytesOfJobFiles + 431 * (80 + 6 * 512));
}

TEST(DiskOfTrainingTest, AModelThatTrainsEverythingSavesEverything) {
  const RunSpec run = TinyRun();
  const RunSpec& all = run.weights().trained().run();
  // weights.safetensors of the initial weights of tiny.textproto.
  EXPECT_NEAR(
      static_cast<double>(DiskOfTraining(all, CostOfImage(all), TrainOnly()) -
                          kBytesOfJobFiles),
      2'962'616, 50'000);
}

// Trained values and two moments, `keep` times and once more while one is
// written; none where the training is over before the first is due.
TEST(CheckpointBytesTest, CountsWhatIsDueAndKept) {
  RunSpec run = TinyRun();
  const ModelCost cost = CostOfImage(run);
  const int64_t one = 12 * cost.trainable_parameters;
  const auto bytes = [&](double steps, double seconds) {
    return CheckpointBytes(run, cost, steps, seconds);
  };
  EXPECT_EQ(bytes(5, 1), 0);
  EXPECT_EQ(bytes(5, 600), one);
  EXPECT_EQ(bytes(5, 1e9), 3 * one);
  run.mutable_training()->mutable_checkpoint()->set_every_steps(2);
  run.mutable_training()->mutable_checkpoint()->set_keep(4);
  EXPECT_EQ(bytes(5, 1), 2 * one);
  EXPECT_EQ(bytes(5e9, 1), 5 * one);
}

}  // namespace
}  // namespace transect
