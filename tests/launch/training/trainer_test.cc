// The training loop on the tiny preset. With several ranks of real processes:
// //tests/multiprocess.

#include "launch/training/trainer.h"

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/index/dataset_index.h"
#include "experiments/experiment.pb.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/result.pb.h"
#include "launch/training/exit_codes.h"
#include "launch/training/lr_schedule.h"
#include "metrics/metric_log.pb.h"
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
  for (size_t i = 0; i < records.size(); ++i) {
    const TrainStep& step = records[i].train_step();
    EXPECT_EQ(step.step(), expected[i]);
    EXPECT_EQ(step.steps(), 20);
    EXPECT_EQ(step.lr(), LearningRate(run.training().schedule(), 1e-3, 20,
                                      expected[i] - 1));
    EXPECT_GT(step.step_seconds(), 0);
  }
  EXPECT_LT(records[2].train_step().loss(), records[0].train_step().loss());
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
