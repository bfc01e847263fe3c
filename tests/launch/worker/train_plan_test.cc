#include "launch/worker/train_plan.h"

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "launch/store/job.pb.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

LaunchPlan Plan() {
  LaunchPlan plan;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"pb(id: "a"
           code: "b"
           attempt: 1
           attempt_dir: "/store/job/attempts/0001"
           job_dir: "/store/job"
           ranks: 2
           train {
             run {
               model {
                 rsrefseg {
                   sam { image_size: 64 }
                   siglip { vocab_size: 128 }
                 }
               }
               weights { random {} }
               training { steps: 4 global_batch: 6 logical_shards: 2 ranks: 2 }
             }
           })pb",
      &plan));
  return plan;
}

TEST(CheckLaunchPlan, AcceptsEveryRankOfThePlan) {
  EXPECT_THAT(CheckLaunchPlan(Plan(), 0), IsOk());
  EXPECT_THAT(CheckLaunchPlan(Plan(), 1), IsOk());
}

TEST(CheckLaunchPlan, NamesWhatIsWrong) {
  EXPECT_THAT(CheckLaunchPlan(Plan(), 2),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("--rank is 2, must be 0 to 1")));
  LaunchPlan elsewhere = Plan();
  elsewhere.set_attempt_dir("/elsewhere");
  EXPECT_THAT(
      CheckLaunchPlan(elsewhere, 0),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("'/elsewhere'")));
  LaunchPlan nothing = Plan();
  nothing.clear_train();
  EXPECT_THAT(
      CheckLaunchPlan(nothing, 0),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("no job")));
  LaunchPlan input = Plan();
  input.mutable_synthesis();
  EXPECT_THAT(CheckLaunchPlan(input, 0),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("ranks is 2, must be 1")));
}

TEST(CheckTrainPlan, AcceptsWhatIsBuilt) {
  EXPECT_THAT(CheckTrainPlan(Plan()), IsOk());
}

TEST(CheckTrainPlan, RefusesARunWithoutAModel) {
  LaunchPlan plan = Plan();
  plan.mutable_train()->mutable_run()->clear_model();
  EXPECT_THAT(CheckTrainPlan(plan),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("model")));
}

TEST(CheckTrainPlan, RefusesNumbersThatDoNotAgree) {
  LaunchPlan plan = Plan();
  TrainingSpec* const training =
      plan.mutable_train()->mutable_run()->mutable_training();
  training->set_global_batch(7);
  EXPECT_THAT(CheckTrainPlan(plan),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("training.global_batch 7")));
  training->set_global_batch(6);
  training->set_ranks(3);
  EXPECT_THAT(CheckTrainPlan(plan),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("ranks is 2 but training.ranks is 3")));
  training->set_ranks(2);
  training->set_logical_shards(3);
  EXPECT_THAT(CheckTrainPlan(plan),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("logical_shards 3, which 2 ranks share")));
  training->set_logical_shards(2);
  plan.mutable_train()->mutable_initial_weights()->set_trained(
      "/w.safetensors");
  EXPECT_THAT(CheckTrainPlan(plan), StatusIs(absl::StatusCode::kInvalidArgument,
                                             HasSubstr("/w.safetensors")));
}

TEST(CheckTrainPlan, TrainsNothingForNoStepsAndOnlyThen) {
  LaunchPlan plan = Plan();
  RunSpec* const run = plan.mutable_train()->mutable_run();
  run->mutable_training()->set_steps(0);
  EXPECT_THAT(CheckTrainPlan(plan), StatusIs(absl::StatusCode::kInvalidArgument,
                                             HasSubstr("training.steps is 0")));
  run->mutable_model()->mutable_sam_oracle_box();
  EXPECT_THAT(CheckTrainPlan(plan), IsOk());
  run->mutable_training()->set_steps(1);
  EXPECT_THAT(CheckTrainPlan(plan), StatusIs(absl::StatusCode::kInvalidArgument,
                                             HasSubstr("training.steps is 1")));
  run->mutable_training()->set_epochs(3);
  EXPECT_THAT(CheckTrainPlan(plan),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("training.epochs is 3")));
  run->mutable_model()->mutable_rsrefseg();
  EXPECT_THAT(CheckTrainPlan(plan), IsOk());
  run->clear_model();
  EXPECT_THAT(CheckTrainPlan(plan), StatusIs(absl::StatusCode::kUnimplemented,
                                             HasSubstr("model is not set")));
}

TEST(CheckInitialWeights, EachSourceHasAPlaceAndNoPlaceIsLeft) {
  TrainJob job;
  WeightsSpec& weights = *job.mutable_run()->mutable_weights();
  InitialWeights& places = *job.mutable_initial_weights();
  const auto refused = [](const char* what) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(what));
  };
  weights.mutable_random();
  EXPECT_THAT(CheckInitialWeights(job), IsOk());
  weights.mutable_found()->set_siglip_role("siglip");
  weights.mutable_adapters()->set_role("mine");
  EXPECT_THAT(CheckInitialWeights(job), refused("SigLIP weights is ''"));
  places.set_siglip("/siglip");
  EXPECT_THAT(CheckInitialWeights(job), refused("adapters is ''"));
  places.set_adapters("/mine");
  EXPECT_THAT(CheckInitialWeights(job), IsOk());
  places.set_sam("/sam");
  EXPECT_THAT(CheckInitialWeights(job), refused("SAM weights is '/sam'"));
  places.clear_sam();
  places.set_trained("/w");
  EXPECT_THAT(CheckInitialWeights(job), refused("initial weights is '/w'"));
}

TEST(CheckVocabulary, AllowsFewerPiecesThanRows) {
  const ModelSpec model = Plan().train().run().model();
  EXPECT_THAT(CheckVocabulary(model, 128), IsOk());
  EXPECT_THAT(
      CheckVocabulary(model, 129),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("129 pieces")));
  ModelSpec without_text;
  without_text.mutable_sam_oracle_box();
  EXPECT_THAT(CheckVocabulary(without_text, 129), IsOk());
}

TEST(WeightPrefixes, NameTheParts) {
  WeightsSpec weights;
  EXPECT_THAT(WeightPrefixes(weights), IsEmpty());
  weights.add_parts(WeightsSpec::SAM);
  weights.add_parts(WeightsSpec::SIGLIP);
  EXPECT_THAT(WeightPrefixes(weights), ElementsAre("sam.", "siglip."));
}

}  // namespace
}  // namespace transect
