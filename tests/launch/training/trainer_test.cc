// The training loop on the tiny preset. With several ranks of real processes:
// //tests/multiprocess.

#include "launch/training/trainer.h"

#include <torch/torch.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "data/index/dataset_index.h"
#include "experiments/experiment.pb.h"
#include "experiments/run/resolve.h"
#include "experiments/training/train_length.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/collective/collective.h"
#include "launch/optimizer/lr_schedule.h"
#include "launch/rank/exit_codes.h"
#include "launch/store/result.pb.h"
#include "metrics/metric_log.pb.h"
#include "model/base/segmentation_model.h"
#include "tests/launch/testing/scripted_collective.h"
#include "tests/launch/testing/small_run.h"
#include "tests/launch/testing/training_rank.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(Trainer, LowersTheLossAndLogsWhatItDid) {
  RunSpec run = SmallRun();
  run.mutable_training()->set_steps(20);
  run.mutable_training()->set_log_every(8);
  TrainingRank rank(run, "lowers");
  ASSERT_OK_AND_ASSIGN(const TrainSummary summary,
                       Train(rank.task(), SmallData("train")));
  EXPECT_EQ(summary.steps, 20);
  EXPECT_GT(summary.step_seconds, 0);
  const std::vector<MetricRecord> records = rank.Records();
  ASSERT_EQ(records.size(), 3u);
  const std::vector<int64_t> expected = {8, 16, 20};
  const auto length =
      LengthOf(run.training(), run.data().last_batch(), kSmallTrainImages);
  ASSERT_THAT(length, IsOk());
  for (size_t i = 0; i < records.size(); ++i) {
    const TrainStep& step = records[i].train_step();
    EXPECT_EQ(step.step(), expected[i]);
    EXPECT_EQ(step.steps(), 20);
    EXPECT_EQ(step.lr(), LearningRate(run.training().schedule(), 1e-3, *length,
                                      expected[i] - 1));
    EXPECT_GT(step.step_seconds(), 0);
  }
  EXPECT_LT(records[2].train_step().loss(), records[0].train_step().loss());
}

// 40 images in batches of 12.
TEST(Trainer, CountsEpochsOfItsData) {
  for (const auto& [last_batch, steps] : std::map<DataSpec::LastBatch, int64_t>{
           {DataSpec::CONTINUE, 7}, {DataSpec::WRAP, 8}, {DataSpec::DROP, 6}}) {
    RunSpec run = SmallRun();
    run.mutable_data()->set_last_batch(last_batch);
    run.mutable_training()->set_epochs(2);
    run.mutable_training()->set_global_batch(12);
    ScheduleSpec* const schedule = run.mutable_training()->mutable_schedule();
    schedule->set_warmup_epochs(1);
    schedule->set_kind(ScheduleSpec::COSINE_PER_EPOCH);
    TrainingRank rank(run, absl::StrCat("epochs_", last_batch));
    ASSERT_OK_AND_ASSIGN(const TrainSummary summary,
                         Train(rank.task(), SmallData("train")));
    EXPECT_EQ(summary.steps, steps);
    const std::vector<MetricRecord> records = rank.Records();
    ASSERT_EQ(records.size(), static_cast<size_t>(steps));
    const TrainStep& last = records.back().train_step();
    EXPECT_EQ(last.step(), steps);
    EXPECT_EQ(last.steps(), steps);
    // The first epoch warms up, the second has the peak.
    EXPECT_LT(records.front().train_step().lr(), 1e-3);
    EXPECT_EQ(last.lr(), 1e-3);
  }
}

TEST(Trainer, CallsDataThatAreTooFewForTheWarmUpData) {
  RunSpec run = SmallRun();
  run.mutable_training()->set_epochs(1);
  run.mutable_training()->mutable_schedule()->set_warmup_steps(6);
  TrainingRank rank(run, "long_warm_up");
  const absl::Status status = Train(rank.task(), SmallData("train")).status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::DATA) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("warms up for 6 steps"));
}

TEST(Trainer, ThePatchTextMapTrainsInTheSameLoop) {
  RunSpec run = SmallRun();
  SiglipSpec* const siglip =
      run.mutable_model()->mutable_patch_text_map()->mutable_siglip();
  siglip->set_variant(SiglipSpec::TINY);
  siglip->set_max_positions(64);
  run.mutable_training()->set_steps(12);
  run.mutable_training()->mutable_optimizer()->set_lr(1e-2);
  ResolveRun(&run);
  TrainingRank rank(run, "map");
  ASSERT_OK_AND_ASSIGN(const TrainSummary summary,
                       Train(rank.task(), SmallData("train")));
  EXPECT_EQ(summary.steps, 12);
  const std::vector<MetricRecord> records = rank.Records();
  EXPECT_LT(records.back().train_step().loss(),
            records.front().train_step().loss());
}

TEST(Trainer, ChangesWhatIsTrainedAndNothingElse) {
  TrainingRank rank(SmallRun(), "changes");
  std::map<std::string, at::Tensor> before;
  for (const auto& parameter : rank.model().named_parameters()) {
    before[parameter.key()] = parameter.value().detach().clone();
  }
  ASSERT_THAT(Train(rank.task(), SmallData("train")), IsOk());
  int trained = 0;
  for (const auto& parameter : rank.model().named_parameters()) {
    const bool same = at::equal(parameter.value(), before[parameter.key()]);
    if (!parameter.value().requires_grad()) {
      EXPECT_TRUE(same) << parameter.key();
    } else {
      trained += !same;
    }
  }
  EXPECT_GT(trained, 50);
}

TEST(Trainer, GivesTheSameBitsTwice) {
  std::vector<std::map<std::string, at::Tensor>> results(2);
  for (int i = 0; i < 2; ++i) {
    TrainingRank rank(SmallRun(), absl::StrCat("twice", i));
    ASSERT_THAT(Train(rank.task(), SmallData("train")), IsOk());
    for (const auto& parameter : rank.model().named_parameters()) {
      results[i][parameter.key()] = parameter.value().detach().clone();
    }
  }
  for (const auto& [name, tensor] : results[0]) {
    EXPECT_TRUE(at::equal(tensor, results[1][name])) << name;
  }
}

// Neither is part of a run's identity.
TEST(Trainer, GivesTheSameBitsWithAnyNumberOfLoaderThreads) {
  std::map<std::string, at::Tensor> expected;
  for (const int threads : {0, 1, 3}) {
    RunSpec run = SmallRun();
    run.mutable_training()->set_loader_threads(threads);
    run.mutable_training()->set_prefetch_batches(1 + threads);
    TrainingRank rank(run, absl::StrCat("loader_threads_", threads));
    ASSERT_THAT(Train(rank.task(), SmallData("train")), IsOk());
    for (const auto& parameter : rank.model().named_parameters()) {
      const at::Tensor value = parameter.value().detach();
      const auto [known, is_new] =
          expected.emplace(parameter.key(), value.clone());
      EXPECT_TRUE(is_new == (threads == 0) && at::equal(known->second, value))
          << parameter.key() << " with " << threads;
    }
  }
}

TEST(Trainer, CallsAnEpochWithoutAFullBatchData) {
  RunSpec run = SmallRun();
  run.mutable_data()->set_last_batch(DataSpec::DROP);
  run.mutable_training()->set_global_batch(kSmallTrainImages + 1);
  TrainingRank rank(run, "no_full_batch");
  const absl::Status status = Train(rank.task(), SmallData("train")).status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::DATA) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("data.last_batch"));
}

TEST(Trainer, CallsALossThatIsNotANumberNonFinite) {
  RunSpec run = SmallRun();
  run.mutable_training()->mutable_optimizer()->set_lr(1e30);
  TrainingRank rank(run, "non_finite");
  const absl::Status status = Train(rank.task(), SmallData("train")).status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::NON_FINITE) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("step "));
}

std::map<std::string, at::Tensor> State(const SegmentationModel& model) {
  std::map<std::string, at::Tensor> state;
  for (const auto& each : model.named_parameters()) {
    state[each.key()] = each.value().detach().clone();
  }
  for (const auto& each : model.named_buffers()) {
    state[each.key()] = each.value().clone();
  }
  return state;
}

// Half precision as far as the trainer is concerned; the network computes in
// fp32. Each overflow halves the scale.
RunSpec HalfPrecisionRun(double initial, int64_t steps) {
  RunSpec run = SmallRun();
  TrainingSpec* const training = run.mutable_training();
  training->set_precision(TrainingSpec::FP16);
  training->set_steps(steps);
  training->mutable_schedule()->set_warmup_steps(0);
  training->mutable_loss_scale()->set_initial(initial);
  training->mutable_loss_scale()->set_hysteresis(1);
  return run;
}

// One rank whose first `count` losses become `loss` where ranks are summed.
std::unique_ptr<Collective> WithLosses(double loss, int count) {
  return std::make_unique<ScriptedCollective>(
      1, ScriptedCollective::Gather(),
      [loss, count](absl::string_view what, at::Tensor value) mutable {
        if (what == "sum of losses" && count-- > 0) value[0] = loss;
      });
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Trainer, ALossThatOverflowsSkipsTheStepWhileTheScaleCanFall) {
  TrainingRank rank(HalfPrecisionRun(4, 1), "loss_overflow",
                    WithLosses(kInfinity, 1));
  const std::map<std::string, at::Tensor> before = State(rank.model());
  ASSERT_OK_AND_ASSIGN(const TrainSummary summary,
                       Train(rank.task(), SmallData("train")));
  EXPECT_EQ(summary.steps, 1);
  // The statistics of norms, which saw the batch, are as before too.
  for (const auto& [name, tensor] : State(rank.model())) {
    EXPECT_TRUE(at::equal(tensor, before.at(name))) << name;
  }
  const std::vector<MetricRecord> records = rank.Records();
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].event().text(),
            "step 1: the loss is inf, no weight changed; the loss scale was 4 "
            "and is 2");
}

TEST(Trainer, ALossThatOverflowsAtTheLeastScaleIsNonFinite) {
  TrainingRank rank(HalfPrecisionRun(4, 10), "loss_overflow_at_the_minimum",
                    WithLosses(kInfinity, 10));
  const absl::Status status = Train(rank.task(), SmallData("train")).status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::NON_FINITE) << status;
  // 4, 2, 1.
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("in step 3 the loss is inf and the loss scale 1 is at "
                        "its minimum"));
}

TEST(Trainer, GoesOnAfterALossThatOverflowed) {
  TrainingRank rank(HalfPrecisionRun(1024, 3), "loss_overflow_once",
                    WithLosses(std::nan(""), 1));
  const std::map<std::string, at::Tensor> before = State(rank.model());
  ASSERT_THAT(Train(rank.task(), SmallData("train")), IsOk());
  int changed = 0;
  for (const auto& [name, tensor] : State(rank.model())) {
    EXPECT_TRUE(at::isfinite(tensor).all().item<bool>()) << name;
    changed += !at::equal(tensor, before.at(name));
  }
  EXPECT_GT(changed, 50);
  const std::vector<MetricRecord> records = rank.Records();
  ASSERT_EQ(records.size(), 4u);
  EXPECT_THAT(records[0].event().text(),
              StartsWith("step 1: the loss is nan, no weight changed"));
}

// Trains 5 steps on the first of two ranks; of the other, the `wrong`-th
// digests differ. Returns the number of comparisons.
absl::StatusOr<int> CompareWhileTraining(int64_t every, int wrong) {
  RunSpec run = SmallRun();
  run.mutable_training()->set_steps(5);
  run.mutable_training()->set_ranks(2);
  run.mutable_training()->set_logical_shards(2);
  run.mutable_training()->set_compare_replicas_every(every);
  int comparisons = 0;
  const auto peer = [&](absl::string_view what, int, const at::Tensor& mine) {
    at::Tensor value = mine.clone();
    if (what == "comparison of replicas" && ++comparisons == wrong) {
      value[0] += 1;
    }
    return value;
  };
  TrainingRank rank(run, absl::StrCat("compare_", every, "_", wrong),
                    std::make_unique<ScriptedCollective>(2, peer));
  const auto summary = Train(rank.task(), SmallData("train"));
  if (!summary.ok()) return summary.status();
  return comparisons;
}

TEST(Trainer, ComparesReplicasEverySoManyStepsAndAtTheEnd) {
  EXPECT_THAT(CompareWhileTraining(2, 0), IsOkAndHolds(3));
  EXPECT_THAT(CompareWhileTraining(5, 0), IsOkAndHolds(1));
  EXPECT_THAT(CompareWhileTraining(0, 0), IsOkAndHolds(1));
  EXPECT_THAT(CompareWhileTraining(2, 2),
              StatusIs(absl::StatusCode::kInternal,
                       StartsWith("after step 4 rank 1 differs from rank 0")));
  EXPECT_THAT(CompareWhileTraining(0, 1),
              StatusIs(absl::StatusCode::kInternal,
                       StartsWith("after step 5 rank 1 differs from rank 0")));
}

TEST(Trainer, CallsASampleThatCannotBeReadDataAndNamesIt) {
  namespace fs = std::filesystem;
  const std::string root = absl::StrCat(testing::TempDir(), "/torn_images");
  fs::copy(GetSmallFiles().data_root, root, fs::copy_options::recursive);
  for (const auto& image :
       fs::directory_iterator(root + "/images/rrsisd/JPEGImages")) {
    // The header stays, so that the index is made.
    fs::resize_file(image.path(), fs::file_size(image.path()) - 100);
  }
  ASSERT_OK_AND_ASSIGN(const DatasetIndex data,
                       DatasetIndex::OpenRrsisd(root, "train"));
  TrainingRank rank(SmallRun(), "unreadable");
  const absl::Status status = Train(rank.task(), data).status();
  EXPECT_EQ(ExitCodeOf(status), ExitCode::DATA) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(root));
  EXPECT_THAT(std::string(status.message()), StartsWith("sample "));
}

}  // namespace
}  // namespace transect
