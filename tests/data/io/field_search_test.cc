#include "data/io/field_search.h"

#include <string>

#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const google::protobuf::Descriptor& Experiments() {
  return *Experiment::descriptor();
}
const google::protobuf::Descriptor& Runs() { return *RunSpec::descriptor(); }

TEST(FieldSearchTest, FindsFieldsByTheEndOfTheirPath) {
  EXPECT_THAT(PathsEndingWith("lora.rank", Runs()),
              Contains("model.rsrefseg.sam.lora.rank"));
  EXPECT_THAT(PathsEndingWith("seed", Runs()), Contains("seed"));
  EXPECT_THAT(PathsEndingWith("eed", Runs()), IsEmpty());
  // The runs of options are no other place.
  EXPECT_THAT(PathsEndingWith("training.steps", Experiments()),
              ElementsAre("base.training.steps"));
}

TEST(FieldSearchTest, FindsAFieldByItsPathThroughLists) {
  ASSERT_NE(FindField("design.exclude.where", Experiments()), nullptr);
  EXPECT_EQ(FindField("design.exclude.where", Experiments())->name(), "where");
  EXPECT_EQ(FindField("design.exclude.x", Experiments()), nullptr);
  EXPECT_EQ(FindField("seeds.x", Experiments()), nullptr);
  EXPECT_EQ(FindField("", Experiments()), nullptr);
}

TEST(FieldSearchTest, ANameThatIsElsewhereComesBeforeANearOne) {
  EXPECT_EQ(DidYouMeanField("steps", {{{&Runs(), "base"}}}, {"seeds"}),
            "; did you mean \"base.training.steps\"?");
  EXPECT_EQ(DidYouMeanField("learning_rate", {{{&Runs(), ""}}}),
            "; did you mean \"training.optimizer.lr\"?");
  EXPECT_EQ(DidYouMeanField("trainig", {{{&Runs(), ""}}}),
            "; did you mean \"training\"?");
  // One letter off is offered too.
  EXPECT_THAT(
      DidYouMeanField("axes", {{{&Experiments(), ""}}}),
      HasSubstr("; did you mean \"axis\" or \"design.one_factor.axes\""));
}

TEST(FieldSearchTest, TheInnermostMessageAroundComesFirst) {
  const google::protobuf::Descriptor& training = *TrainingSpec::descriptor();
  const FieldPlace run = {&Runs(), "base.weights.trained.run"};
  EXPECT_EQ(
      WayToField("lr",
                 {{run, {&training, "base.weights.trained.run.training"}}}),
      "; did you mean \"optimizer { lr: ... }\", which is "
      "base.weights.trained.run.training.optimizer.lr?");
  EXPECT_EQ(
      WayToField("found_corpus",
                 {{run, {&training, "base.weights.trained.run.training"}}}),
      "; did you mean "
      "\"base.weights.trained.run.tokenizer.sentencepiece.found_corpus\", "
      "outside of \"base.weights.trained.run.training\"?");
}

TEST(FieldSearchTest, InATextTheAnswerIsHowToWriteIt) {
  EXPECT_EQ(WayToField("steps", {{{&Experiments(), ""}}}),
            "; did you mean \"base { training { steps: ... } }\", which is "
            "base.training.steps?");
  EXPECT_EQ(WayToField("exclude", {{{&Experiments(), ""}}}),
            "; did you mean \"design { exclude { ... } }\", which is "
            "design.exclude?");
}

TEST(FieldSearchTest, WhereNothingIsNearWhatThereIsIsListed) {
  EXPECT_EQ(DidYouMeanField("zzzzzzzzzzzz", {{{&Runs(), ""}}}, {"seeds"}),
            "; it can be model, data, tokenizer, weights, training, "
            "evaluation, seed, seeds");
}

TEST(FieldSearchTest, EnumeratorsAreThoseOfAllFieldsOfTheName) {
  EXPECT_THAT(EnumeratorsOf("text_tuning", Runs()), Contains("ZERO"));
  EXPECT_THAT(EnumeratorsOf("steps", Runs()), IsEmpty());
}

}  // namespace
}  // namespace transect
