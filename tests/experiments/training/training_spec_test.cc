#include "experiments/training/training_spec.h"

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/proto_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Lines(const Problems& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems.all()) {
    lines.push_back(absl::StrCat(problem.field, ": ", problem.message));
  }
  return lines;
}

std::vector<std::string> ProblemsOf(absl::string_view text) {
  TrainingSpec spec = FromText<TrainingSpec>(text);
  if (!spec.has_logical_shards()) spec.set_logical_shards(spec.ranks());
  Problems problems;
  ValidateTrainingSpec(spec, "training", &problems);
  return Lines(problems);
}

TEST(TrainingSpecTest, DefaultsAreValid) {
  EXPECT_THAT(ProblemsOf(""), IsEmpty());
}

TEST(TrainingSpecTest, ModesAndStagesAreThere) {
  EXPECT_THAT(ProblemsOf("precision: BF16 numerics: FAST sharding: ZERO2"),
              IsEmpty());
  EXPECT_THAT(ProblemsOf("sharding: ZERO1 ranks: 2 global_batch: 4"),
              IsEmpty());
  EXPECT_THAT(ProblemsOf("precision: FP16 loss_scale {} numerics: PARITY "
                         "ranks: 2 global_batch: 4"),
              IsEmpty());
}

TEST(TrainingSpecTest, ParityIsThatOfTheReleasedTrainer) {
  EXPECT_THAT(
      ProblemsOf("numerics: PARITY ranks: 2 logical_shards: 4 global_batch: 4"),
      ElementsAre("training.precision: is FP32, must be FP16 where numerics is "
                  "PARITY",
                  "training.logical_shards: is 4, must be ranks, 2, where "
                  "numerics is PARITY"));
}

TEST(TrainingSpecTest, TheLossScaleBelongsToHalfPrecision) {
  EXPECT_THAT(ProblemsOf("precision: FP16 loss_scale { minimum: 2 initial: 1 "
                         "growth_interval: 0 hysteresis: 0 }"),
              ElementsAre("training.loss_scale.initial: is 1, must be "
                          "loss_scale.minimum to 2^24",
                          "training.loss_scale.growth_interval: is 0, must be "
                          "1 to 1000000",
                          "training.loss_scale.hysteresis: is 0, must be 1 to "
                          "1000"));
  EXPECT_THAT(ProblemsOf("precision: FP16 loss_scale { minimum: 0 }"),
              ElementsAre("training.loss_scale.minimum: is 0, must be 2^-24 "
                          "to 2^24"));
  TrainingSpec spec =
      FromText<TrainingSpec>("precision: BF16 loss_scale { initial: 2 }");
  ResolveTrainingSpec(&spec);
  EXPECT_FALSE(spec.has_loss_scale());
  spec = FromText<TrainingSpec>("precision: FP16 loss_scale { initial: 2 }");
  ResolveTrainingSpec(&spec);
  EXPECT_TRUE(spec.has_loss_scale());
}

TEST(TrainingSpecTest, TheGlobalBatchIsSharedEvenly) {
  EXPECT_THAT(ProblemsOf("global_batch: 16 ranks: 3"),
              ElementsAre("training.global_batch: is 16, must be a multiple "
                          "of logical_shards, 3 (as many as ranks unless it is "
                          "set)"));
  EXPECT_THAT(ProblemsOf("global_batch: 18 ranks: 3"), IsEmpty());
  EXPECT_THAT(ProblemsOf("global_batch: 16 logical_shards: 5"),
              ElementsAre("training.global_batch: is 16, must be a multiple "
                          "of logical_shards, 5"));
  EXPECT_THAT(ProblemsOf("global_batch: 0"),
              ElementsAre("training.global_batch: is 0, must be 1 to 1000000"));
}

TEST(TrainingSpecTest, RanksShareTheLogicalShardsAsSubtrees) {
  TrainingSpec spec = FromText<TrainingSpec>("ranks: 4");
  ResolveTrainingSpec(&spec);
  EXPECT_EQ(spec.logical_shards(), 4);
  spec = FromText<TrainingSpec>("ranks: 4 logical_shards: 8");
  ResolveTrainingSpec(&spec);
  EXPECT_EQ(spec.logical_shards(), 8);
  EXPECT_TRUE(CanShareShards(8, 1));
  EXPECT_TRUE(CanShareShards(8, 8));
  EXPECT_TRUE(CanShareShards(6, 3));
  EXPECT_TRUE(CanShareShards(6, 6));
  EXPECT_TRUE(CanShareShards(5, 1));
  EXPECT_FALSE(CanShareShards(6, 2));
  EXPECT_FALSE(CanShareShards(6, 4));
  EXPECT_FALSE(CanShareShards(2, 4));
  EXPECT_THAT(ProblemsOf("global_batch: 24 logical_shards: 12 ranks: 4"),
              ElementsAre("training.ranks: is 4, must be one of 1, 3, 6, 12 to "
                          "share 12 logical_shards"));
  EXPECT_THAT(ProblemsOf("logical_shards: 0"),
              ElementsAre("training.logical_shards: is 0, must be 1 to 1024"));
}

TEST(TrainingSpecTest, ProcessesAndThreadsHaveLimits) {
  EXPECT_THAT(ProblemsOf("ranks: 0"),
              ElementsAre("training.ranks: is 0, must be 1 to 1024"));
  EXPECT_THAT(ProblemsOf("threads_per_rank: 257"),
              ElementsAre("training.threads_per_rank: is 257, must be 1 to "
                          "256"));
  EXPECT_THAT(ProblemsOf("ranks: 32 threads_per_rank: 33"),
              ElementsAre("training.threads_per_rank: is 33 on 32 ranks, 1056 "
                          "threads in all, must be at most 1024"));
}

TEST(TrainingSpecTest, RangesAreThoseOfTheProto) {
  EXPECT_THAT(
      ProblemsOf(R"pb(
        steps: 10000001
        optimizer { lr: 0 beta1: 1 beta2: -0.1 eps: 0 weight_decay: -1 }
        schedule {
          warmup_steps: -1
          warmup_start_fraction: 2
          final_fraction: -1
        }
        loss { bce_weight: -1 activation_weight: -2 }
        log_every: 0
        collective_timeout_seconds: 0
        loader_threads: -1
        prefetch_batches: 0
        compare_replicas_every: -1
        profile_steps: 1001
      )pb"),
      ElementsAre(
          "training.steps: is 10000001, must be 0 to 10000000",
          "training.optimizer.lr: is 0, must be above 0",
          "training.optimizer.beta1: is 1, must be 0 to below 1",
          "training.optimizer.beta2: is -0.1, must be 0 to below 1",
          "training.optimizer.eps: is 0, must be above 0",
          "training.optimizer.weight_decay: is -1, must be 0 or more",
          "training.schedule.warmup_steps: is -1, must be 0 to steps, 10000001",
          "training.schedule.warmup_start_fraction: is 2, must be 0 to 1",
          "training.schedule.final_fraction: is -1, must be 0 to 1",
          "training.loss.bce_weight: is -1, must be 0 or more",
          "training.loss.activation_weight: is -2, must be 0 or more",
          "training.log_every: is 0, must be 1 to 10000000",
          "training.collective_timeout_seconds: is 0, must be 1 to 86400",
          "training.loader_threads: is -1, must be 0 to 64",
          "training.prefetch_batches: is 0, must be 1 to 64",
          "training.compare_replicas_every: is -1, must be 0 to 10000000",
          "training.profile_steps: is 1001, must be 0 to 1000"));
}

TEST(TrainingSpecTest, EpochsHaveRangesOfTheirOwn) {
  EXPECT_THAT(ProblemsOf("epochs: 200 schedule { warmup_epochs: 200 }"),
              IsEmpty());
  EXPECT_THAT(ProblemsOf("epochs: 0"),
              ElementsAre("training.epochs: is 0, must be 1 to 100000"));
  EXPECT_THAT(ProblemsOf("epochs: 3 schedule { warmup_epochs: 4 }"),
              ElementsAre("training.schedule.warmup_epochs: is 4, must be 1 "
                          "to 3"));
  // How many steps there are, only the data set says.
  EXPECT_THAT(ProblemsOf("epochs: 3 schedule { warmup_steps: 80000 }"),
              IsEmpty());
  EXPECT_THAT(ProblemsOf("steps: 3 schedule { warmup_epochs: 4 }"), IsEmpty());
  EXPECT_THAT(ProblemsOf("epochs: 3 schedule { warmup_steps: -1 }"),
              ElementsAre("training.schedule.warmup_steps: is -1, must be 0 "
                          "to 10000000"));
}

TEST(TrainingSpecTest, TheEpochsOfACosineHaveARangeWhereTheyMatter) {
  EXPECT_THAT(ProblemsOf("schedule { kind: COSINE_PER_EPOCH cosine_epochs: 0 "
                         "}"),
              ElementsAre("training.schedule.cosine_epochs: is 0, must be 1 "
                          "to 100000"));
  auto spec = FromText<TrainingSpec>(
      "schedule { kind: COSINE_PER_EPOCH cosine_epochs: 7 }");
  ResolveTrainingSpec(&spec);
  EXPECT_EQ(spec.schedule().cosine_epochs(), 7);
  spec.mutable_schedule()->set_kind(ScheduleSpec::COSINE_PER_STEP);
  ResolveTrainingSpec(&spec);
  EXPECT_FALSE(spec.schedule().has_cosine_epochs());
}

// A spec that was written before there were epochs stays as it was.
TEST(TrainingSpecTest, StepsAreWrittenWhereNoUnitIsChosen) {
  TrainingSpec spec;
  ResolveTrainingSpec(&spec);
  EXPECT_THAT(spec, EqualsProto("steps: 76200 logical_shards: 1 "
                                "schedule { warmup_steps: 0 }"));
  spec = FromText<TrainingSpec>(
      "epochs: 3 logical_shards: 2 schedule { warmup_epochs: 2 "
      "warmup_start_fraction: 0.5 }");
  const TrainingSpec before = spec;
  ResolveTrainingSpec(&spec);
  EXPECT_THAT(spec, EqualsProto(before));
}

TEST(TrainingSpecTest, SomethingMustBeMinimized) {
  EXPECT_THAT(ProblemsOf("loss { bce_weight: 0 }"),
              ElementsAre("training.loss: has no weight above 0, so that "
                          "there is nothing to minimize"));
}

TEST(TrainingSpecTest, InfinityIsInNoRange) {
  TrainingSpec spec;
  spec.mutable_optimizer()->set_lr(std::numeric_limits<double>::infinity());
  spec.set_logical_shards(1);
  Problems problems;
  ValidateTrainingSpec(spec, "", &problems);
  EXPECT_THAT(Lines(problems),
              ElementsAre("optimizer.lr: is inf, must be above 0"));
}

TEST(TrainingSpecTest, AnEvaluationBatchHasARange) {
  Problems problems;
  ValidateEvaluationSpec(FromText<EvaluationSpec>("batch: 0"), "evaluation",
                         &problems);
  EXPECT_THAT(Lines(problems),
              ElementsAre("evaluation.batch: is 0, must be 1 to 4096"));
}

TEST(TrainingSpecTest, AResolutionHasARangeOrIsThatOfTheImages) {
  for (const char* good : {"", "resolution: 0", "resolution: 16",
                           "resolution: 480", "resolution: 4096"}) {
    Problems problems;
    ValidateEvaluationSpec(
        FromText<EvaluationSpec>(absl::StrCat("batch: 1 ", good)), "evaluation",
        &problems);
    EXPECT_TRUE(problems.empty()) << good;
  }
  for (const int bad : {-1, 1, 15, 4097}) {
    Problems problems;
    ValidateEvaluationSpec(
        FromText<EvaluationSpec>(absl::StrCat("batch: 1 resolution: ", bad)),
        "evaluation", &problems);
    EXPECT_THAT(Lines(problems),
                ElementsAre(absl::StrCat("evaluation.resolution: is ", bad,
                                         ", must be 0, which is each image's "
                                         "own size, or 16 to 4096")));
  }
}

TEST(TrainingSpecTest, EachControlIsAPass) {
  EXPECT_EQ(EvaluationPasses(FromText<EvaluationSpec>("")), 2);
  EXPECT_EQ(
      EvaluationPasses(FromText<EvaluationSpec>("permuted_sentences: false")),
      1);
  EXPECT_EQ(EvaluationPasses(
                FromText<EvaluationSpec>("permuted_within_category: true")),
            3);
  EXPECT_EQ(EvaluationPasses(FromText<EvaluationSpec>(
                "permuted_sentences: false other_object_sentences: true")),
            2);
}

TEST(TrainingSpecTest, TheStartOfAWarmUpStaysWhereThereIsOne) {
  auto spec = FromText<TrainingSpec>(
      "schedule { warmup_steps: 1 warmup_start_fraction: 0.5 }");
  ResolveTrainingSpec(&spec);
  EXPECT_EQ(spec.schedule().warmup_start_fraction(), 0.5);
  spec.mutable_schedule()->set_warmup_steps(0);
  ResolveTrainingSpec(&spec);
  EXPECT_THAT(spec, EqualsProto("steps: 76200 logical_shards: 1 "
                                "schedule { warmup_steps: 0 }"));
}

}  // namespace
}  // namespace transect
