#include "experiments/run/resolve.h"

#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/proto_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;

RunSpec Resolved(RunSpec run) {
  ResolveRun(&run);
  return run;
}

TEST(ResolveRunTest, AResolvedSpecResolvesToItself) {
  for (const RunSpec& run : {RunSpec(), SampleRun(), SampleRunFromTrained()}) {
    const RunSpec once = Resolved(run);
    EXPECT_THAT(Resolved(once), EqualsProto(once));
  }
}

TEST(ResolveRunTest, AWrittenDefaultMakesNoDifference) {
  RunSpec run = SampleRunFromTrained();
  run.mutable_training()->mutable_optimizer()->set_beta1(0.9);
  run.mutable_model()
      ->mutable_rsrefseg()
      ->mutable_sam()
      ->mutable_lora()
      ->set_rank(16);
  EXPECT_THAT(Resolved(run), EqualsProto(Resolved(SampleRunFromTrained())));
}

TEST(ResolveRunTest, WritesPresets) {
  const RunSpec run = Resolved(SampleRun());
  EXPECT_EQ(run.model().rsrefseg().siglip().vision().layers(), 3);
  EXPECT_FALSE(run.model().rsrefseg().sam().lora().targets().empty());
}

// A default that is written is not a switch that is set.
TEST(ResolveRunTest, APresetOfTheModelComesBeforeTheDefaults) {
  RunSpec run = SampleRunFromTrained();
  RsRefSegSpec* const model = run.mutable_model()->mutable_rsrefseg();
  model->set_preset(RsRefSegSpec::RELEASED_CODE);
  model->mutable_prompter()->set_global_residual(true);
  const RunSpec resolved = Resolved(run);
  const RsRefSegSpec& released = resolved.model().rsrefseg();
  EXPECT_EQ(released.prompter().similarity(), PrompterSpec::COSINE_SCALED);
  EXPECT_EQ(released.siglip().text_padding(), SiglipSpec::LONGEST);
  EXPECT_EQ(released.sam().lora().alpha(), 16);
  EXPECT_TRUE(released.prompter().global_residual());
  EXPECT_FALSE(released.has_preset());
  EXPECT_FALSE(released.has_variant());
  EXPECT_THAT(Resolved(resolved), EqualsProto(resolved));
  EXPECT_EQ(resolved.weights()
                .trained()
                .run()
                .model()
                .rsrefseg()
                .prompter()
                .similarity(),
            PrompterSpec::DOT);
}

TEST(ResolveRunTest, TheTokenizerGoesDownToTrainedWeights) {
  RunSpec run = SampleRunFromTrained();
  RunSpec* inner = run.mutable_weights()->mutable_trained()->mutable_run();
  RunSpec* innermost =
      inner->mutable_weights()->mutable_trained()->mutable_run();
  innermost->mutable_weights()->mutable_random();
  ResolveRun(&run);
  EXPECT_EQ(inner->tokenizer().sentencepiece().vocab_size(), 64);
  EXPECT_EQ(innermost->tokenizer().sentencepiece().vocab_size(), 64);
}

TEST(ResolveRunTest, ATokenizerOfItsOwnStays) {
  RunSpec run = SampleRunFromTrained();
  run.mutable_weights()
      ->mutable_trained()
      ->mutable_run()
      ->mutable_tokenizer()
      ->set_max_tokens(9);
  EXPECT_EQ(Resolved(run).weights().trained().run().tokenizer().max_tokens(),
            9);
}

TEST(ResolveRunTest, NothingButTheTokenizerComesFromTheOuterRun) {
  RunSpec run = SampleRunFromTrained();
  run.mutable_training()->set_ranks(2);
  run.set_seed(5);
  const RunSpec inner = Resolved(run).weights().trained().run();
  EXPECT_EQ(inner.training().ranks(), 1);
  EXPECT_EQ(inner.seed(), 1);
}

TEST(ResolveRunTest, WeightsDoNotDependOnAnEvaluation) {
  RunSpec run = SampleRunFromTrained();
  RunSpec* inner = run.mutable_weights()->mutable_trained()->mutable_run();
  inner->mutable_evaluation()->set_permuted_sentences(false);
  inner->mutable_data()->add_eval_splits("test");
  EXPECT_THAT(Resolved(run), EqualsProto(Resolved(SampleRunFromTrained())));
  EXPECT_TRUE(Resolved(run).has_evaluation());
}

TEST(ResolveRunTest, AllPartsAreNamedInOrder) {
  EXPECT_THAT(Resolved(SampleRunFromTrained()).weights().parts(),
              ElementsAre(WeightsSpec::SIGLIP, WeightsSpec::SAM,
                          WeightsSpec::PROMPTER));
  RunSpec run = SampleRunFromTrained();
  run.mutable_weights()->add_parts(WeightsSpec::SAM);
  run.mutable_weights()->add_parts(WeightsSpec::SIGLIP);
  EXPECT_THAT(Resolved(run).weights().parts(),
              ElementsAre(WeightsSpec::SIGLIP, WeightsSpec::SAM));
}

TEST(ResolveRunTest, PartsOfRandomWeightsAreErased) {
  RunSpec run = SampleRun();
  run.mutable_weights()->add_parts(WeightsSpec::SAM);
  EXPECT_THAT(Resolved(run), EqualsProto(Resolved(SampleRun())));
}

TEST(ResolveRunTest, PartsOfPublishedWeightsAreThoseWhoseRoleIsSet) {
  RunSpec run = SampleRun();
  run.mutable_weights()->mutable_found()->set_sam_role("sam");
  EXPECT_THAT(Resolved(run).weights().parts(), ElementsAre(WeightsSpec::SAM));
  run.mutable_weights()->mutable_found()->set_siglip_role("siglip");
  EXPECT_THAT(Resolved(run).weights().parts(),
              ElementsAre(WeightsSpec::SIGLIP, WeightsSpec::SAM));
}

TEST(ResolveRunTest, PartsOfAdaptersAreWhatTheRunTrains) {
  RunSpec run = SampleRun();
  run.mutable_weights()->mutable_adapters()->set_role("mine");
  EXPECT_THAT(
      Resolved(run).weights().adapters().parts(),
      ElementsAre(FoundAdapters::SIGLIP_VISION, FoundAdapters::SIGLIP_TEXT,
                  FoundAdapters::SAM_VISION, FoundAdapters::REST));
  run.mutable_model()->mutable_rsrefseg()->mutable_siglip()->set_text_tuning(
      SiglipSpec::ZERO);
  EXPECT_THAT(Resolved(run).weights().adapters().parts(),
              ElementsAre(FoundAdapters::SIGLIP_VISION,
                          FoundAdapters::SAM_VISION, FoundAdapters::REST));
  run.mutable_weights()->mutable_adapters()->add_parts(FoundAdapters::REST);
  run.mutable_weights()->mutable_adapters()->add_parts(
      FoundAdapters::SAM_VISION);
  EXPECT_THAT(Resolved(run).weights().adapters().parts(),
              ElementsAre(FoundAdapters::SAM_VISION, FoundAdapters::REST));
}

TEST(ResolveRunTest, WithoutARoleThereAreNoAdapters) {
  EXPECT_FALSE(Resolved(SampleRun()).weights().has_adapters());
  RunSpec run = SampleRun();
  run.mutable_weights()->mutable_adapters();
  EXPECT_THAT(Resolved(run), EqualsProto(Resolved(SampleRun())));
}

TEST(ResolveRunTest, TheStartOfNoWarmUpIsErased) {
  RunSpec run = SampleRun();
  run.mutable_training()->mutable_schedule()->set_warmup_start_fraction(0.5);
  EXPECT_THAT(Resolved(run), EqualsProto(Resolved(SampleRun())));
}

TEST(ResolveRunTest, AdaptersOfATowerThatHasNoneAreErased) {
  RunSpec run = SampleRun();
  SiglipSpec* siglip =
      run.mutable_model()->mutable_rsrefseg()->mutable_siglip();
  siglip->set_text_tuning(SiglipSpec::ZERO);
  const RunSpec plain = Resolved(run);
  siglip->mutable_text_lora()->set_rank(3);
  EXPECT_THAT(Resolved(run), EqualsProto(plain));
}

TEST(ResolveRunTest, WeightsComeForThePartsOfTheNetwork) {
  RunSpec run = SampleRunFromTrained();
  run.mutable_model()->mutable_patch_text_map();
  EXPECT_THAT(Resolved(run).weights().parts(),
              ElementsAre(WeightsSpec::SIGLIP));
}

TEST(ResolveRunTest, WithoutStepsNothingIsMinimized) {
  RunSpec run = SampleRun();
  run.mutable_training()->set_steps(0);
  run.mutable_training()->mutable_schedule()->set_warmup_steps(7);
  run.mutable_training()->mutable_optimizer()->set_lr(3);
  const RunSpec once = Resolved(run);
  EXPECT_FALSE(once.training().has_schedule());
  EXPECT_FALSE(once.training().has_optimizer());
  EXPECT_FALSE(once.training().has_loss());
  EXPECT_FALSE(once.data().has_last_batch());
  EXPECT_THAT(Resolved(once), EqualsProto(once));
}

// The oracle with weights of a file for its one part.
RunSpec Oracle() {
  RunSpec run = SampleRun();
  run.mutable_model()->mutable_sam_oracle_box()->mutable_sam()->set_variant(
      SamSpec::TINY);
  run.mutable_weights()->mutable_found()->set_sam_role("sam");
  run.mutable_training()->set_steps(0);
  run.set_seed(5);
  return run;
}

TEST(ResolveRunTest, ASeedThatEntersNothingIsErased) {
  const RunSpec once = Resolved(Oracle());
  EXPECT_FALSE(once.has_seed());
  EXPECT_THAT(Resolved(once), EqualsProto(once));
  RunSpec other = Oracle();
  other.set_seed(6);
  EXPECT_THAT(Resolved(other), EqualsProto(once));
}

TEST(ResolveRunTest, ASeedThatEntersSomethingStays) {
  RunSpec run = Oracle();
  run.mutable_weights()->mutable_random();
  EXPECT_EQ(Resolved(run).seed(), 5) << "the weights are random";
  run = Oracle();
  run.mutable_weights()->mutable_found()->clear_sam_role();
  EXPECT_EQ(Resolved(run).seed(), 5) << "no part is taken from a file";
  run = Oracle();
  run.mutable_training()->set_steps(1);
  EXPECT_EQ(Resolved(run).seed(), 5) << "something is trained";
  run = SampleRun();
  run.set_seed(5);
  EXPECT_EQ(Resolved(run).seed(), 5);
}

TEST(ResolveRunTest, WithoutSiglipSentencesDoNotMatter) {
  RunSpec run = SampleRun();
  run.mutable_data()->set_sentences(DataSpec::CONSTANT);
  EXPECT_EQ(Resolved(run).data().sentences(), DataSpec::CONSTANT);
  run.mutable_model()->mutable_sam_oracle_box();
  EXPECT_FALSE(Resolved(run).data().has_sentences());
}

TEST(ResolveRunTest, WithoutSiglipItsImageDoesNotMatter) {
  RunSpec run = SampleRun();
  run.mutable_data()->set_siglip_resize(DataSpec::BICUBIC_FROM_ORIGINAL);
  EXPECT_TRUE(Resolved(run).data().has_siglip_resize());
  run.mutable_model()->mutable_sam_oracle_box();
  const RunSpec once = Resolved(run);
  EXPECT_FALSE(once.data().has_siglip_resize());
  EXPECT_THAT(Resolved(once), EqualsProto(once));
}

}  // namespace
}  // namespace transect
