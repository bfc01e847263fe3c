// Evaluation during a training by real processes: the same on any number of
// ranks, and over kills.

#include <signal.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "experiments/training/training.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "metrics/metric_log.pb.h"
#include "metrics/training_series.h"
#include "tests/launch/testing/small_run.h"
#include "tests/multiprocess/worker_job.h"

namespace transect {
namespace {

using ::testing::IsEmpty;

// Validates every 3 steps on val and on a part of the train split, and keeps
// the best weights.
Job ValidatedJob(const std::string& name, int ranks, int64_t steps) {
  Job job = TrainingJob(name, ranks);
  job.run()
      .mutable_model()
      ->mutable_rsrefseg()
      ->mutable_sam()
      ->mutable_lora()
      ->set_dropout(0.1);
  job.training().set_logical_shards(4);
  job.training().set_steps(steps);
  ValidationSpec* const validation = job.training().mutable_validation();
  validation->set_every_steps(3);
  validation->set_train_items(7);
  validation->set_weights(ValidationSpec::BEST);
  return job;
}

void SetRanks(Job* job, int ranks) {
  job->plan().set_ranks(ranks);
  job->training().set_ranks(ranks);
}

// Bytes and not digits, without what depends on the clock.
std::vector<std::string> Timeless(const TrainingSeries& series) {
  std::vector<std::string> validations;
  for (Validation validation : series.validations) {
    validation.clear_seconds();
    validations.push_back(validation.SerializeAsString());
  }
  return validations;
}

TEST(ValidationWorker, FindsTheSameOnAnyNumberOfRanks) {
  std::vector<std::string> validations;
  std::string weights;
  int64_t best = 0;
  for (const int ranks : {1, 2, 4}) {
    Job job = ValidatedJob(absl::StrCat("validated_on_", ranks), ranks, 10);
    ASSERT_EQ(job.Run(), std::vector<int>(ranks, ExitCode::OK))
        << job.LastLine(0);
    const TrainingSeries series = job.Series();
    const ResultCheck check = job.Check();
    ASSERT_EQ(check.state, ResultCheck::kValid) << check.problem;
    EXPECT_EQ(check.result.steps(), 10);
    EXPECT_FALSE(check.result.stopped_early());
    EXPECT_GT(check.result.validation_seconds(), 0);
    if (ranks == 1) {
      validations = Timeless(series);
      weights = job.Weights();
      best = check.result.weights_step();
      // After 3, 6, 9 and 10 steps, of two splits.
      ASSERT_EQ(series.validations.size(), 8u);
      const Validation& first = series.validations[0];
      EXPECT_EQ(first.step(), 3);
      EXPECT_EQ(first.item_id_size(), kSmallEvalImages);
      EXPECT_EQ(series.validations[1].split(), "train");
      EXPECT_EQ(series.validations[1].item_id_size(), 7);
      EXPECT_EQ(series.validations.back().step(), 10);
      double highest = -1;
      int64_t expected = 0;
      for (const Validation& each : series.validations) {
        if (each.split() != "val") continue;
        EXPECT_EQ(each.best(), each.giou() > highest);
        if (each.best()) expected = each.step();
        if (each.best()) highest = each.giou();
      }
      EXPECT_EQ(best, expected);
    }
    EXPECT_EQ(Timeless(series), validations) << ranks << " ranks";
    EXPECT_EQ(job.Weights(), weights) << ranks << " ranks";
    EXPECT_EQ(check.result.weights_step(), best) << ranks << " ranks";
    // The final evaluation is of these weights.
    EXPECT_EQ(job.EvalItems().size(), static_cast<size_t>(kSmallEvalImages));
    for (const Validation& each : series.validations) {
      if (each.split() != "val" || each.step() != best) continue;
      const auto items = job.EvalItems();
      for (int i = 0; i < each.item_id_size(); ++i) {
        const PixelCounts& counts = items.at(each.item_id(i)).prediction();
        EXPECT_EQ(counts.intersection(), each.intersection(i));
        EXPECT_EQ(counts.union_(), each.union_(i));
      }
    }
  }
}

// Killed between validations and going on with other numbers of ranks, it finds
// the same, chooses the same weights and ends with the same bits.
TEST(ValidationWorker, KilledAgainAndAgainItChoosesTheSame) {
  const auto make = [](const std::string& name) {
    Job job = ValidatedJob(name, 1, 31);
    job.training().mutable_checkpoint()->set_every_steps(2);
    return job;
  };
  Job whole = make("validated_whole");
  ASSERT_EQ(whole.Run(), std::vector<int>{ExitCode::OK}) << whole.LastLine(0);
  Job job = make("validated_killed");
  int kill = 0;
  for (const int ranks : {2, 1, 1}) {
    SetRanks(&job, ranks);
    job.Start();
    AwaitStep(job, 8 * kill++ + 6);
    for (int rank = 0; rank < ranks; ++rank) job.Signal(rank, SIGKILL);
    for (int rank = 0; rank < ranks; ++rank) {
      EXPECT_EQ(job.Wait(rank), -SIGKILL) << job.LastLine(rank);
    }
    job.NextAttempt();
  }
  SetRanks(&job, 2);
  ASSERT_EQ(job.Run(), std::vector<int>(2, ExitCode::OK)) << job.LastLine(0);
  EXPECT_EQ(job.Weights(), whole.Weights());
  EXPECT_EQ(job.Check().result.weights_step(),
            whole.Check().result.weights_step());
  const TrainingSeries series = job.Series();
  EXPECT_THAT(series.problems, IsEmpty());
  EXPECT_GT(series.parts.size(), 1u);
  EXPECT_EQ(Timeless(series), Timeless(whole.Series()));
  // Nothing but the weights stays.
  for (int attempt = 1; attempt <= 4; ++attempt) {
    EXPECT_FALSE(
        FileExists(CheckpointsDir(AttemptDir(job.job_dir(), attempt))));
  }
}

TEST(ValidationWorker, AllRanksEndEarlyAfterTheSameStep) {
  int64_t steps = 0;
  for (const int ranks : {1, 2}) {
    Job job = ValidatedJob(absl::StrCat("early_on_", ranks), ranks, 60);
    ValidationSpec* const validation = job.training().mutable_validation();
    validation->set_every_steps(1);
    validation->set_train_items(0);
    validation->set_weights(ValidationSpec::LAST);
    validation->set_early_stopping(true);
    validation->set_patience(1);
    ASSERT_EQ(job.Run(), std::vector<int>(ranks, ExitCode::OK))
        << job.LastLine(0);
    const ResultCheck check = job.Check();
    ASSERT_EQ(check.state, ResultCheck::kValid) << check.problem;
    EXPECT_TRUE(check.result.stopped_early());
    EXPECT_FALSE(check.result.has_weights_step());
    const std::vector<Validation> all = job.Series().validations;
    EXPECT_EQ(static_cast<int64_t>(all.size()), check.result.steps());
    ASSERT_GT(all.size(), 1u);
    EXPECT_LE(all.back().giou(), all[all.size() - 2].giou());
    if (ranks == 1) steps = check.result.steps();
    EXPECT_EQ(check.result.steps(), steps);
    EXPECT_LT(steps, 60);
  }
}

// Before hours of training, not after.
TEST(ValidationWorker, ASplitThatIsNotThereIsSaidAtOnce) {
  Job job = ValidatedJob("validated_nowhere", 1, 4);
  job.training().mutable_validation()->set_split("test");
  EXPECT_EQ(job.Run(), std::vector<int>{ExitCode::DATA}) << job.LastLine(0);
  EXPECT_THAT(job.LastLine(0), testing::HasSubstr("test"));
  EXPECT_FALSE(FileExists(RankMetricsPath(job.plan().attempt_dir(), 0)));
}

}  // namespace
}  // namespace transect
