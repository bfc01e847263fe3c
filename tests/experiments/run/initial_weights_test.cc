// Where the initial weights of a run may come from.

#include <string>

#include "experiments/run/validate_run.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/run/problems_of.h"
#include "tests/experiments/testing/sample_specs.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

TEST(InitialWeightsTest, RolesAndPartsOfPublishedWeightsSayTheSame) {
  RunSpec run = SampleRun();
  WeightsSpec* const weights = run.mutable_weights();
  weights->mutable_found();
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("weights.found: names no weights: set siglip_role, "
                          "sam_role or both"));
  weights->mutable_found()->set_sam_role("sam");
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
  weights->mutable_found()->set_siglip_role("");
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("weights.found.siglip_role: is empty, must name a "
                          "role of the site file"));
  weights->mutable_found()->set_siglip_role("siglip");
  weights->add_parts(WeightsSpec::SIGLIP);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("weights.found.sam_role: is set, but parts leaves "
                          "out SAM"));
  weights->mutable_found()->clear_siglip_role();
  weights->add_parts(WeightsSpec::SAM);
  weights->add_parts(WeightsSpec::PROMPTER);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("weights.found.siglip_role: is not set, but parts "
                          "asks for SIGLIP",
                          StartsWith("weights.parts: has PROMPTER, which "
                                     "published weights do not have")));
}

TEST(InitialWeightsTest, AdaptersAreOfWhatTheRunTrains) {
  RunSpec run = SampleRun();
  FoundAdapters* const adapters = run.mutable_weights()->mutable_adapters();
  adapters->set_role("mine");
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
  adapters->add_parts(FoundAdapters::SIGLIP_TEXT);
  adapters->add_parts(FoundAdapters::SIGLIP_TEXT);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("weights.adapters.parts[1]: is SIGLIP_TEXT, given "
                          "before it"));
  adapters->mutable_parts()->RemoveLast();
  adapters->clear_role();
  Model(&run)->mutable_siglip()->set_text_tuning(SiglipSpec::ZERO);
  EXPECT_THAT(
      ProblemsOf(run),
      ElementsAre(
          "weights.adapters.role: is empty, must name a role of the site file",
          "weights.adapters.parts[0]: is SIGLIP_TEXT, which the model does not "
          "train"));
  adapters->set_role("mine");
  Model(&run)->set_tuning(RsRefSegSpec::ALL);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("weights.adapters: is set, but the model has no "
                          "adapters"));
}

TEST(InitialWeightsTest, ProblemsOfTheRunThatMakesWeightsHaveItsPath) {
  RunSpec run = SampleRunFromTrained();
  Inner(&run)->mutable_training()->set_numerics(TrainingSpec::PARITY);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre(StartsWith("weights.trained.run.training.precision: "
                                     "is FP32")));
}

TEST(InitialWeightsTest, WeightsComeFromARunThatTrainsAll) {
  RunSpec run = SampleRunFromTrained();
  Model(Inner(&run))->set_tuning(RsRefSegSpec::ADAPTERS);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("weights.trained.run.model.rsrefseg.tuning: must be "
                          "ALL: other runs save only what they trained"));
}

TEST(InitialWeightsTest, WeightsComeFromARunWithTheSameTokenizer) {
  RunSpec run = SampleRunFromTrained();
  *Inner(&run)->mutable_tokenizer() = run.tokenizer();
  Inner(&run)->mutable_tokenizer()->set_max_tokens(20);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("weights.trained.run.tokenizer: differs from the "
                          "tokenizer of the run that takes the weights; leave "
                          "it out"));
}

TEST(InitialWeightsTest, WeightsHaveTheShapesThatAreNeeded) {
  RunSpec run = SampleRunFromTrained();
  Model(&run)->mutable_siglip()->mutable_vision()->set_layers(4);
  Model(&run)->mutable_sam()->mutable_vision()->set_mlp_size(96);
  EXPECT_THAT(
      ProblemsOf(run),
      ElementsAre(AllOf(StartsWith("weights.trained.run: makes other tensors "
                                   "than the model takes from it, "),
                        HasSubstr("siglip.vision_model.encoder.layers.3."),
                        HasSubstr(" is not there"))));
}

TEST(InitialWeightsTest, OnlyThePartsThatAreTakenMustFit) {
  RunSpec run = SampleRunFromTrained();
  Model(&run)->mutable_prompter()->set_downsampling(2);
  EXPECT_THAT(
      ProblemsOf(run),
      ElementsAre(AllOf(StartsWith("weights.trained.run: makes other tensors"),
                        HasSubstr("prompter."))));
  run.mutable_weights()->add_parts(WeightsSpec::SIGLIP);
  run.mutable_weights()->add_parts(WeightsSpec::SAM);
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
}

TEST(InitialWeightsTest, AModelMayNeedLessThanThereIs) {
  RunSpec run = SampleRunFromTrained();
  for (PrompterSpec::Prompts prompts :
       {PrompterSpec::SPARSE, PrompterSpec::DENSE}) {
    Model(&run)->mutable_prompter()->set_prompts(prompts);
    EXPECT_THAT(ProblemsOf(run), IsEmpty());
  }
}

TEST(InitialWeightsTest, PartsAreGivenOnce) {
  RunSpec run = SampleRunFromTrained();
  run.mutable_weights()->add_parts(WeightsSpec::SAM);
  run.mutable_weights()->add_parts(WeightsSpec::SAM);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("weights.parts[1]: is SAM, given before it"));
}

}  // namespace
}  // namespace transect
