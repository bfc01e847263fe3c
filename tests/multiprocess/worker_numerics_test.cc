// Which bits a training gives: twice, on two ranks, in half precision, with
// activation checkpointing.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "experiments/training/training.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/result.pb.h"
#include "metrics/metric_log.pb.h"
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
