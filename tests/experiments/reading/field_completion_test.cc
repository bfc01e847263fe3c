#include "experiments/reading/field_completion.h"

#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

const google::protobuf::Descriptor& OfRun() { return *RunSpec::descriptor(); }

TEST(CompleteFieldTest, GoesToTheNextDot) {
  EXPECT_THAT(CompleteField("", OfRun(), FieldUse::kAssigned),
              IsSupersetOf({"model.", "training.", "seed="}));
  EXPECT_THAT(CompleteField("training.op", OfRun(), FieldUse::kAssigned),
              ElementsAre("training.optimizer."));
  EXPECT_THAT(
      CompleteField("training.optimizer.beta", OfRun(), FieldUse::kAssigned),
      ElementsAre("training.optimizer.beta1=", "training.optimizer.beta2="));
}

TEST(CompleteFieldTest, WhatIsReadAboutMayBeAMessage) {
  EXPECT_THAT(CompleteField("training.op", OfRun(), FieldUse::kNamed),
              ElementsAre("training.optimizer", "training.optimizer."));
  EXPECT_THAT(CompleteField("see", OfRun(), FieldUse::kNamed),
              ElementsAre("seed"));
}

TEST(CompleteFieldTest, ListsAreSetAsAWhole) {
  const google::protobuf::Descriptor& root = *Experiment::descriptor();
  EXPECT_THAT(CompleteField("desi", root, FieldUse::kAssigned),
              ElementsAre("design="));
  EXPECT_THAT(CompleteField("desi", root, FieldUse::kNamed),
              ElementsAre("design", "design."));
  EXPECT_THAT(CompleteField("design.na", root, FieldUse::kNamed),
              ElementsAre("design.name"));
}

TEST(CompleteFieldTest, TheEndOfAPathIsFound) {
  EXPECT_THAT(CompleteField("lr", OfRun(), FieldUse::kAssigned),
              ElementsAre("training.optimizer.lr="));
  EXPECT_THAT(CompleteField("nothing", OfRun(), FieldUse::kNamed), IsEmpty());
  EXPECT_THAT(CompleteField("seed.x", OfRun(), FieldUse::kNamed), IsEmpty());
  EXPECT_THAT(CompleteField("no.such.", OfRun(), FieldUse::kNamed), IsEmpty());
}

TEST(CompleteValueTest, KnowsTheValuesWhereThereAreFew) {
  EXPECT_THAT(CompleteValue("training.device", OfRun()),
              ElementsAre("training.device=CPU", "training.device=CUDA"));
  EXPECT_THAT(CompleteValue("evaluation.permuted_sentences", OfRun()),
              ElementsAre("evaluation.permuted_sentences=true",
                          "evaluation.permuted_sentences=false"));
  EXPECT_THAT(CompleteValue("training.steps", OfRun()), IsEmpty());
  EXPECT_THAT(CompleteValue("training.stepz", OfRun()), IsEmpty());
}

}  // namespace
}  // namespace transect
