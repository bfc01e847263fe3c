#include "experiments/run/validate_run.h"

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "experiments/run/resolve.h"
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
using ::testing::Not;
using ::testing::StartsWith;

TEST(ValidateRunTest, TheSamplesAreValid) {
  EXPECT_THAT(ProblemsOf(SampleRun()), IsEmpty());
  EXPECT_THAT(ProblemsOf(SampleRunFromTrained()), IsEmpty());
}

TEST(ValidateRunTest, AnEmptyRunSaysWhatIsMissing) {
  EXPECT_THAT(
      ProblemsOf(RunSpec()),
      AllOf(Contains(StartsWith("model")), Contains(StartsWith("data.source")),
            Contains(StartsWith("tokenizer.source")),
            Contains("weights.source: is not set, must be random, trained or "
                     "found")));
}

TEST(ValidateRunTest, ProblemsOfAllComponentsAreFoundAtOnce) {
  RunSpec run = SampleRun();
  Model(&run)->mutable_sam()->mutable_lora()->set_rank(1025);
  run.mutable_data()->mutable_synthesis()->set_image_size(7);
  run.mutable_tokenizer()->set_max_tokens(1);
  run.mutable_training()->set_numerics(TrainingSpec::PARITY);
  run.mutable_evaluation()->set_batch(0);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre(StartsWith("model.rsrefseg.sam.lora.rank: "),
                          StartsWith("data.synthesis.image_size: "),
                          StartsWith("tokenizer.max_tokens: "),
                          StartsWith("training.precision: is FP32"),
                          StartsWith("evaluation.batch: ")));
}

TEST(ValidateRunTest, AnUnspecifiedEnumIsOneProblemWhereverItIs) {
  RunSpec run = SampleRunFromTrained();
  Model(&run)->mutable_prompter()->set_prompts(PrompterSpec::UNSPECIFIED);
  Inner(&run)->mutable_training()->set_device(TrainingSpec::UNSPECIFIED);
  run.mutable_weights()->add_parts(WeightsSpec::UNSPECIFIED);
  EXPECT_THAT(
      ProblemsOf(run),
      ElementsAre("model.rsrefseg.prompter.prompts: is UNSPECIFIED, must be "
                  "one of the others",
                  "weights.trained.run.training.device: is UNSPECIFIED, must "
                  "be one of the others",
                  "weights.parts[0]: is UNSPECIFIED, must be one of the "
                  "others"));
}

TEST(ValidateRunTest, NumbersMustBeFinite) {
  RunSpec run = SampleRun();
  run.mutable_training()->mutable_optimizer()->set_lr(
      std::numeric_limits<double>::quiet_NaN());
  run.mutable_data()->mutable_synthesis()->set_distractor_fraction(
      -std::numeric_limits<double>::infinity());
  EXPECT_THAT(
      ProblemsOf(run),
      ElementsAre("data.synthesis.distractor_fraction: is -inf, must be finite",
                  "training.optimizer.lr: is nan, must be finite"));
}

TEST(ValidateRunTest, SentencesFitTheTextTower) {
  RunSpec run = SampleRun();
  run.mutable_tokenizer()->set_max_tokens(33);
  run.mutable_tokenizer()->mutable_sentencepiece()->set_vocab_size(257);
  EXPECT_THAT(
      ProblemsOf(run),
      ElementsAre("tokenizer.max_tokens: is 33, must be at most "
                  "siglip.max_positions, 32",
                  "tokenizer.sentencepiece.vocab_size: is 257, must be at "
                  "most siglip.vocab_size, 256"));
}

TEST(ValidateRunTest, SplitsThatAreReadHaveImages) {
  RunSpec run = SampleRun();
  run.mutable_data()->add_eval_splits("val");
  run.mutable_data()->add_eval_splits("test");
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre(StartsWith("data.eval_splits: is \"test\"")));
  run.mutable_data()->set_eval_splits(1, "vla");
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre(StartsWith("data.eval_splits: is \"vla\"")));
}

TEST(ValidateRunTest, AnEpochHasAFullBatchWhereTheRestIsDropped) {
  RunSpec run = SampleRun();
  run.mutable_data()->set_last_batch(DataSpec::DROP);
  const int32_t images = run.data().synthesis().train_images();
  run.mutable_training()->set_global_batch(images);
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
  run.mutable_training()->set_global_batch(images + 1);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre(StartsWith("data.last_batch: is DROP, but split "
                                     "train has ")));
  run.mutable_data()->set_last_batch(DataSpec::WRAP);
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
}

TEST(ValidateRunTest, NoRowReportsWhatTheTrainingLooksAt) {
  RunSpec run = SampleRun();
  run.mutable_data()->mutable_synthesis()->set_test_images(8);
  ValidationSpec* const validation =
      run.mutable_training()->mutable_validation();
  validation->set_every_steps(1);
  validation->set_weights(ValidationSpec::BEST);
  // Also beside rows that report val.
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
  validation->set_split("test");
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
  run.mutable_data()->add_eval_splits("val");
  run.mutable_data()->add_eval_splits("test");
  EXPECT_THAT(
      ProblemsOf(run),
      ElementsAre("training.validation.split: is test, which the rows report "
                  "(data.eval_splits has it): looking at it while training "
                  "makes its numbers too good. Set val, or leave test out of "
                  "data.eval_splits"));
  validation->set_split("train");
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre(HasSubstr("is train, which data.train_split trains "
                                    "on; validation.train_items")));
  validation->set_split("dev");
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre(HasSubstr("is \"dev\", must be val")));
  validation->set_split("test");
  run.mutable_data()->clear_eval_splits();
  run.mutable_data()->mutable_synthesis()->set_test_images(0);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("training.validation.split: is test, but "
                          "data.synthesis.test_images is 0"));
  // Without validations nothing reads it.
  run.mutable_training()->clear_validation();
  run.mutable_training()->mutable_validation()->set_split("test");
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
}

TEST(ValidateRunTest, PermutedSentencesNeedTwoImages) {
  RunSpec run = SampleRun();
  run.mutable_data()->mutable_synthesis()->set_val_images(1);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("evaluation.permuted_sentences: is true, but split "
                          "val has 1 image, must be 2 or more"));
  run.mutable_evaluation()->set_permuted_sentences(false);
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
}

TEST(ValidateRunTest, APermutationWithinCategoriesNeedsCategories) {
  RunSpec run = SampleRun();
  run.mutable_evaluation()->set_permuted_within_category(true);
  run.mutable_evaluation()->set_other_object_sentences(true);
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
  FoundDataset* const found = run.mutable_data()->mutable_found();
  found->set_role("phrases");
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
  found->set_format(FoundDataset::REFSEGRS);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("evaluation.permuted_within_category: is true, but "
                          "data.found.format REFSEGRS has no categories"));
}

TEST(ValidateRunTest, ABlindRunNamesItsSentences) {
  RunSpec run = SampleRun();
  run.mutable_data()->set_sentences(DataSpec::CONSTANT);
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
  run.mutable_data()->set_sentences(DataSpec::SENTENCES_UNSPECIFIED);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre(StartsWith("data.sentences: is "
                                     "SENTENCES_UNSPECIFIED, must be")));
}

TEST(ValidateRunTest, SentencesThatSeeEachOtherAreEvaluatedAlone) {
  RunSpec run = SampleRun();
  run.mutable_model()->mutable_rsrefseg()->mutable_siglip()->set_text_padding(
      SiglipSpec::LONGEST);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre(StartsWith("evaluation.batch: is 16, must be 1")));
  run.mutable_evaluation()->set_batch(1);
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
}

TEST(ValidateRunTest, ARunThatOnlyMakesWeightsNeedsNoEvaluationSplit) {
  RunSpec run = SampleRunFromTrained();
  Inner(&run)->mutable_data()->mutable_synthesis()->set_val_images(0);
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
  Inner(&run)->mutable_data()->mutable_synthesis()->set_train_images(0);
  EXPECT_THAT(ProblemsOf(run),
              Contains(StartsWith("weights.trained.run.data.train_split: ")));
}

TEST(ValidateRunTest, RunsInsideRunsHaveALimit) {
  RunSpec run = SampleRun();
  Model(&run)->set_tuning(RsRefSegSpec::ALL);
  const auto wrap = [&run] {
    RunSpec outer = SampleRun();
    Model(&outer)->set_tuning(RsRefSegSpec::ALL);
    *Inner(&outer) = run;
    run = outer;
  };
  for (int i = 0; i < kMaxTrainedDepth; ++i) {
    wrap();
  }
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
  wrap();
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre(HasSubstr("is run 5 inside a run, must be at most "
                                    "4")));
}

TEST(RunValidatorTest, RemembersWithoutMixingUp) {
  RunSpec bad_model = SampleRunFromTrained();
  Model(&bad_model)->mutable_sam()->mutable_vision()->set_mlp_size(96);
  RunSpec bad_weights = SampleRunFromTrained();
  Inner(&bad_weights)->mutable_training()->set_steps(0);
  RunValidator validator;
  for (int round = 0; round < 2; ++round) {
    for (RunSpec run : {SampleRunFromTrained(), bad_model, bad_weights}) {
      const std::vector<std::string> alone = ProblemsOf(run);
      ResolveRun(&run);
      Problems problems;
      validator.Validate(run, "", &problems);
      EXPECT_EQ(Lines(problems), alone);
    }
  }
}

// As SampleRunFromTrained, with SAM alone, told where the objects are.
RunSpec OracleRun() {
  RunSpec run = SampleRunFromTrained();
  run.mutable_model()->mutable_sam_oracle_box()->mutable_sam()->set_variant(
      SamSpec::TINY);
  run.mutable_training()->set_steps(0);
  SamOracleBoxSpec* const inner =
      Inner(&run)->mutable_model()->mutable_sam_oracle_box();
  inner->mutable_sam()->set_variant(SamSpec::TINY);
  inner->set_tuning(SamOracleBoxSpec::ALL);
  return run;
}

TEST(ValidateRunTest, AnOracleIsEvaluatedAndNotTrained) {
  EXPECT_THAT(ProblemsOf(OracleRun()), IsEmpty());
  RunSpec run = OracleRun();
  run.mutable_training()->set_steps(5);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre(StartsWith("training.steps: is 5, must be 0")));
  run = OracleRun();
  run.mutable_training()->set_steps(5);
  run.mutable_model()->mutable_sam_oracle_box()->set_tuning(
      SamOracleBoxSpec::ALL);
  EXPECT_THAT(
      ProblemsOf(run),
      ElementsAre(StartsWith("model.sam_oracle_box.tuning: is ALL, must be")));
}

TEST(ValidateRunTest, AnOracleHasNoEpochs) {
  RunSpec run = OracleRun();
  run.mutable_training()->set_epochs(5);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre(StartsWith("training.epochs: is 5, must be "
                                     "training.steps: 0")));
}

// 20 images in batches of 4: 5 steps an epoch.
TEST(ValidateRunTest, EpochsOfARecipeAreCounted) {
  RunSpec run = SampleRun();
  run.mutable_training()->set_epochs(2);
  run.mutable_training()->mutable_schedule()->set_warmup_steps(10);
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
  run.mutable_training()->mutable_schedule()->set_warmup_steps(11);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("training: does not fit its data: training.schedule "
                          "warms up for 11 steps on 20 samples, but the "
                          "training has only 10"));
  run.mutable_training()->set_epochs(-1);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("training.epochs: is -1, must be 1 to 100000"));
}

TEST(ValidateRunTest, NothingElseTrainsForNoSteps) {
  RunSpec run = SampleRun();
  run.mutable_training()->set_steps(0);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre(StartsWith("training.steps: is 0, must be 1 or")));
  run = OracleRun();
  Inner(&run)->mutable_training()->set_steps(0);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre(StartsWith("weights.trained.run.training.steps: ")));
}

TEST(ValidateRunTest, TheRunThatMakesWeightsTrainsEverything) {
  RunSpec run = OracleRun();
  Inner(&run)->mutable_model()->mutable_sam_oracle_box()->set_tuning(
      SamOracleBoxSpec::NONE);
  Inner(&run)->mutable_training()->set_steps(0);
  EXPECT_THAT(
      ProblemsOf(run),
      ElementsAre(StartsWith(
          "weights.trained.run.model.sam_oracle_box.tuning: must be ALL")));
  run = OracleRun();
  Inner(&run)->mutable_training()->mutable_loss()->set_activation_weight(1);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre(StartsWith("weights.trained.run.training.loss."
                                     "activation_weight: is 1, must be 0")));
}

TEST(ValidateRunTest, ThePatchTextMapTakesTheTowersOfAnotherNetwork) {
  RunSpec run = SampleRunFromTrained();
  PatchTextMapSpec* const map = run.mutable_model()->mutable_patch_text_map();
  map->mutable_siglip()->set_variant(SiglipSpec::TINY);
  EXPECT_THAT(ProblemsOf(run), IsEmpty());
  run.mutable_weights()->add_parts(WeightsSpec::SAM);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre(StartsWith("weights.parts[0]: is SAM, a part that")));
  run.mutable_weights()->clear_parts();
  map->mutable_siglip()->set_patch_size(16);
  EXPECT_THAT(ProblemsOf(run), ElementsAre(StartsWith("weights.trained.run: "
                                                      "makes other tensors")));
  run = SampleRun();
  run.mutable_model()->mutable_patch_text_map()->mutable_siglip()->set_variant(
      SiglipSpec::TINY);
  run.mutable_tokenizer()->set_max_tokens(33);
  EXPECT_THAT(ProblemsOf(run), ElementsAre(StartsWith("tokenizer.max_tokens: "
                                                      "is 33")));
}

}  // namespace
}  // namespace transect
