// Which bits a training gives: twice, on 1 to 8 ranks, in half precision, with
// activation checkpointing.

#include <signal.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
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
#include "tests/testing/proto_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// The series of a job that was stopped is that of one that was not, and the
// result vouches for all logs that it is read from.
void ExpectSameSeries(const Job& job, const Job& whole) {
  const TrainingSeries series = job.Series();
  EXPECT_EQ(TimelessSteps(series), TimelessSteps(whole.Series()));
  EXPECT_THAT(series.problems, IsEmpty());
  EXPECT_GT(series.parts.size(), 1u);
  const ResultCheck check = job.Check();
  ASSERT_EQ(check.state, ResultCheck::kValid) << check.problem;
  std::set<std::string> listed;
  for (const ResultFile& file : check.result.file()) {
    listed.insert(absl::StrCat(job.job_dir(), "/", file.path()));
  }
  for (const TrainingSeries::Part& part : series.parts) {
    EXPECT_TRUE(listed.contains(part.path)) << part.path;
  }
}

TEST(Worker, GivesTheSameBitsTwice) {
  Job first = TrainingJob("first");
  Job second = TrainingJob("second");
  ASSERT_EQ(first.Run(), std::vector<int>{ExitCode::OK});
  ASSERT_EQ(second.Run(), std::vector<int>{ExitCode::OK});
  EXPECT_EQ(first.Weights(), second.Weights());
  const std::map<int64_t, EvalItem> items = second.EvalItems();
  for (const auto& [id, item] : first.EvalItems()) {
    EXPECT_THAT(item, EqualsProto(items.at(id)));
  }
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(first.TrainSteps()[i].loss(), second.TrainSteps()[i].loss());
  }
}

TEST(Worker, TwoRanksShareTheWorkOfOne) {
  Job one = TrainingJob("one_rank", 1);
  Job two = TrainingJob("two_ranks", 2);
  Job again = TrainingJob("two_ranks_again", 2);
  const std::vector<int> both = {ExitCode::OK, ExitCode::OK};
  ASSERT_EQ(one.Run(), std::vector<int>{ExitCode::OK});
  ASSERT_EQ(two.Run(), both) << two.LastLine(0) << two.LastLine(1);
  ASSERT_EQ(again.Run(), both);
  // The same bits on two ranks every time; nearly those of one rank, because
  // only the order of sums differs.
  EXPECT_EQ(two.Weights(), again.Weights());
  const std::vector<TrainStep> alone = one.TrainSteps();
  const std::vector<TrainStep> together = two.TrainSteps();
  ASSERT_EQ(together.size(), alone.size());
  for (size_t i = 0; i < alone.size(); ++i) {
    EXPECT_NEAR(together[i].loss(), alone[i].loss(), 1e-4 * alone[i].loss());
  }
  // Every item once, each rank its batches of 4.
  EXPECT_EQ(two.EvalItems().size(), static_cast<size_t>(kSmallEvalImages));
  int of_rank_1 = 0;
  for (const MetricRecord& record : two.Records(1, "val")) {
    of_rank_1 += record.has_eval_item();
  }
  for (const MetricRecord& record : two.Records(1)) {
    EXPECT_FALSE(record.has_train_step());
  }
  EXPECT_EQ(of_rank_1, 5);
  const ResultCheck check = two.Check();
  ASSERT_EQ(check.state, ResultCheck::kValid) << check.problem;
  EXPECT_EQ(check.result.eval_items(), kSmallEvalImages);
  // Weights, and of each rank its log.
  EXPECT_EQ(check.result.file_size(), 3);
}

// Dropout, batch normalization and pads to the longest sentence are on: what
// may depend on who computes what.
TEST(Worker, TheLogicalShardsDecideTheBitsAndNotTheRanks) {
  std::string weights;
  std::vector<double> losses;
  for (const int ranks : {1, 2, 4, 8}) {
    Job job = TrainingJob(absl::StrCat("shards_on_", ranks), ranks);
    RsRefSegSpec* const model = job.run().mutable_model()->mutable_rsrefseg();
    model->mutable_siglip()->set_text_padding(SiglipSpec::LONGEST);
    model->mutable_siglip()->mutable_vision_lora()->set_dropout(0.1);
    model->mutable_sam()->mutable_lora()->set_dropout(0.1);
    job.training().set_logical_shards(8);
    job.training().set_global_batch(16);
    ASSERT_EQ(job.Run(), std::vector<int>(ranks, ExitCode::OK))
        << job.LastLine(0);
    std::vector<double> now;
    for (const TrainStep& step : job.TrainSteps()) {
      now.push_back(step.loss());
      now.push_back(step.gradient_norm());
    }
    if (ranks == 1) {
      weights = job.Weights();
      losses = now;
    }
    EXPECT_EQ(job.Weights(), weights) << ranks << " ranks";
    EXPECT_EQ(now, losses) << ranks << " ranks";
  }
  // One shard gives other bits, or nothing above says anything.
  Job whole = TrainingJob("one_shard");
  whole.training().set_global_batch(16);
  ASSERT_EQ(whole.Run(), std::vector<int>{ExitCode::OK});
  EXPECT_NE(whole.Weights(), weights);
}

// Told to stop in the middle, going on with another number of ranks, stopped
// again: the weights and losses of a training that nobody stopped.
TEST(Worker, GoesOnFromACheckpointOnAnotherNumberOfRanks) {
  const auto make = [](const std::string& name) {
    Job job = TrainingJob(name);
    job.run()
        .mutable_model()
        ->mutable_rsrefseg()
        ->mutable_sam()
        ->mutable_lora()
        ->set_dropout(0.1);
    job.training().set_logical_shards(4);
    job.training().set_steps(40);
    // The stops lie between two records, or most of them.
    job.training().set_log_every(3);
    return job;
  };
  const auto set_ranks = [](Job* job, int ranks) {
    job->plan().set_ranks(ranks);
    job->training().set_ranks(ranks);
  };
  Job whole = make("not_stopped");
  ASSERT_EQ(whole.Run(), std::vector<int>{ExitCode::OK});

  Job job = make("stopped");
  set_ranks(&job, 2);
  job.Start();
  AwaitStep(job, 5);
  // One rank gets it, all stop after the same step.
  job.Signal(1, SIGUSR2);
  EXPECT_EQ(job.Wait(0), ExitCode::CHECKPOINTED) << job.LastLine(0);
  EXPECT_EQ(job.Wait(1), ExitCode::CHECKPOINTED);
  EXPECT_THAT(job.LastLine(0), HasSubstr("a signal asked for it after step"));

  job.NextAttempt();
  set_ranks(&job, 1);
  job.Start();
  AwaitStep(job, 20);
  job.Signal(0, SIGTERM);
  EXPECT_EQ(job.Wait(0), ExitCode::CHECKPOINTED) << job.LastLine(0);
  EXPECT_THAT(job.Output(0), HasSubstr("goes on after step"));

  job.NextAttempt();
  set_ranks(&job, 4);
  ASSERT_EQ(job.Run(), std::vector<int>(4, ExitCode::OK)) << job.LastLine(0);
  EXPECT_EQ(job.Weights(), whole.Weights());
  ExpectSameSeries(job, whole);
  // Nothing but the weights stays.
  for (int attempt = 1; attempt <= 3; ++attempt) {
    EXPECT_FALSE(
        FileExists(CheckpointsDir(AttemptDir(job.job_dir(), attempt))));
  }
}

// Killed at any time, a training begins again at its newest checkpoint.
TEST(Worker, KilledAgainAndAgainItEndsWithTheSameWeights) {
  const auto make = [](const std::string& name) {
    Job job = TrainingJob(name);
    job.training().set_steps(40);
    job.training().set_log_every(2);
    job.training().mutable_checkpoint()->set_every_steps(3);
    return job;
  };
  Job whole = make("not_killed");
  ASSERT_EQ(whole.Run(), std::vector<int>{ExitCode::OK});
  Job job = make("killed");
  int64_t reached = 0;
  for (int kill = 0; kill < 4; ++kill) {
    job.Start();
    AwaitStep(job, 8 * kill + 5);
    job.Signal(0, SIGKILL);
    EXPECT_EQ(job.Wait(0), -SIGKILL);
    const int64_t first = job.TrainSteps().front().step();
    if (kill > 0) {
      // Not more than two intervals before the last record it had.
      EXPECT_GT(first, 1);
      EXPECT_GE(first, reached - 6);
    }
    reached = job.TrainSteps().back().step();
    job.NextAttempt();
  }
  ASSERT_EQ(job.Run(), std::vector<int>{ExitCode::OK}) << job.LastLine(0);
  EXPECT_EQ(job.Weights(), whole.Weights());
  ExpectSameSeries(job, whole);
}

// Frozen weights and activations are rounded to numbers whose neighbors are
// `epsilon` apart, relatively. The loss, a mean over many pixels, may be off by
// a few roundings, and by less with the finer type.
TEST(Worker, HalfPrecisionStaysNearFullPrecision) {
  Job full = TrainingJob("full_precision");
  ASSERT_EQ(full.Run(), std::vector<int>{ExitCode::OK});
  const std::vector<TrainStep> expected = full.TrainSteps();
  std::map<TrainingSpec::Precision, double> worst;
  for (const auto precision : {TrainingSpec::BF16, TrainingSpec::FP16}) {
    const double epsilon =
        std::ldexp(1, precision == TrainingSpec::BF16 ? -7 : -10);
    Job job = TrainingJob(
        absl::StrCat("precision_", TrainingSpec::Precision_Name(precision)));
    job.training().set_precision(precision);
    if (precision == TrainingSpec::FP16) job.training().mutable_loss_scale();
    ASSERT_EQ(job.Run(), std::vector<int>{ExitCode::OK}) << job.LastLine(0);
    const std::vector<TrainStep> steps = job.TrainSteps();
    ASSERT_EQ(steps.size(), expected.size());
    for (size_t i = 0; i < steps.size(); ++i) {
      const double error = std::abs(steps[i].loss() / expected[i].loss() - 1);
      EXPECT_LT(error, 4 * epsilon) << job.job_dir() << ", step " << i;
      worst[precision] = std::max(worst[precision], error);
    }
  }
  EXPECT_GT(worst[TrainingSpec::FP16], 0);
  EXPECT_LT(worst[TrainingSpec::FP16], worst[TrainingSpec::BF16]);
}

TEST(Worker, AnOverflowOfTheLossScaleSkipsTheStep) {
  Job job = TrainingJob("overflow");
  job.training().set_precision(TrainingSpec::FP16);
  LossScaleSpec* const scale = job.training().mutable_loss_scale();
  scale->set_initial(16777216);
  scale->set_hysteresis(1);
  ASSERT_EQ(job.Run(), std::vector<int>{ExitCode::OK}) << job.LastLine(0);
  EXPECT_THAT(
      job.Events(),
      AllOf(Not(IsEmpty()),
            Each(HasSubstr("the gradients overflowed, no weight changed"))));
  // With no room to fall it is an end.
  Job stuck = TrainingJob("overflow_at_the_minimum");
  stuck.training().set_precision(TrainingSpec::FP16);
  stuck.training().mutable_loss_scale()->set_initial(16777216);
  stuck.training().mutable_loss_scale()->set_minimum(16777216);
  EXPECT_EQ(stuck.Run(), std::vector<int>{ExitCode::NON_FINITE});
  EXPECT_THAT(stuck.LastLine(0), HasSubstr("is at its minimum"));
}

TEST(Worker, RecomputedActivationsGiveTheSameWeights) {
  Job kept = TrainingJob("kept");
  ASSERT_EQ(kept.Run(), std::vector<int>{ExitCode::OK});
  Job again = TrainingJob("recomputed");
  again.training().set_activations(TrainingSpec::RECOMPUTE);
  ASSERT_EQ(again.Run(), std::vector<int>{ExitCode::OK}) << again.LastLine(0);
  EXPECT_EQ(again.Weights(), kept.Weights());
}

}  // namespace
}  // namespace transect
