#include "experiments/reading/field_help.h"

#include <string>

#include "absl/status/status.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string Help(absl::string_view path) {
  const absl::StatusOr<std::string> help = FieldHelp(path);
  EXPECT_THAT(help, IsOk());
  return help.ok() ? *help : "";
}

TEST(FieldHelpTest, ANumberHasItsTypeDefaultAndComment) {
  EXPECT_EQ(Help("seed"),
            "seed: uint64, default 1\n"
            "Key of every random draw of the run. Set by the experiment's "
            "`seeds`.\n");
}

TEST(FieldHelpTest, AnEnumerationListsItsNamesWithTheirComments) {
  EXPECT_THAT(Help("weights.parts"),
              AllOf(StartsWith("weights.parts: list of Part\nParts that are "
                               "taken from the source; "),
                    HasSubstr("\n\n  PROMPTER\n    AttnPrompter.\n"),
                    Not(HasSubstr("UNSPECIFIED"))));
}

TEST(FieldHelpTest, AMessageListsItsFields) {
  EXPECT_EQ(Help("design.add_one"),
            "design.add_one: AddOne\n"
            "The base without any component, with each component alone, and "
            "the base.\n"
            "At most one of one_factor, list, grid, zip, leave_one_out, "
            "add_one can be set.\n"
            "\n"
            "  without: list of Setting\n"
            "    The components, each as the setting that takes it away. Not "
            "the base's\n"
            "    value.\n");
}

TEST(FieldHelpTest, APathOfAnErrorMessageCanBePasted) {
  EXPECT_EQ(
      Help("design[3].list.cell[12].set"),
      "design[3].list.cell[12].set: list of Setting" +
          Help("design.list.cell.set")
              .substr(
                  std::string("design.list.cell.set: list of Setting").size()));
}

TEST(FieldHelpTest, AnExperimentAndItsBaseSayTheSame) {
  const std::string run = Help("model.rsrefseg.sam.lora.rank");
  EXPECT_EQ(Help("base.model.rsrefseg.sam.lora.rank"), "base." + run);
  EXPECT_THAT(run, HasSubstr("default "));
}

TEST(FieldHelpTest, TheEmptyPathListsTheTopFields) {
  EXPECT_THAT(Help(""), AllOf(HasSubstr("\n  design: list of Design\n"),
                              HasSubstr("\n  training: TrainingSpec\n")));
}

TEST(FieldHelpTest, EveryFieldOfARunCanBeAskedFor) {
  const google::protobuf::Descriptor& run = *RunSpec::descriptor();
  for (int i = 0; i < run.field_count(); ++i) {
    EXPECT_THAT(Help(run.field(i)->name()), HasSubstr("\n"));
  }
}

TEST(FieldHelpTest, AFieldThatDoesNotExistIsAnErrorWithASuggestion) {
  EXPECT_THAT(FieldHelp("model.rsrefseg.sm"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "\"model.rsrefseg.sm\": RsRefSegSpec has no field "
                       "\"sm\"; did you mean \"sam\"?"));
  EXPECT_THAT(FieldHelp("trainin"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "\"trainin\": neither a run nor an experiment has a "
                       "field \"trainin\"; did you mean \"training\"?"));
  EXPECT_THAT(FieldHelp("seed.x"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("goes on after \"seed\"")));
  for (const char* path : {".", "seed.", "[0]", "design[", "]"}) {
    EXPECT_THAT(FieldHelp(path),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(path)));
  }
}

TEST(FieldHelpTest, TheEndOfAPathWillDo) {
  EXPECT_EQ(Help("weight_decay"), Help("training.optimizer.weight_decay"));
  EXPECT_THAT(
      Help("rank"),
      AllOf(HasSubstr(" fields of a run end with \"rank\":\n"),
            HasSubstr("\n  model.rsrefseg.sam.lora.rank: int32, default "),
            HasSubstr("\n  model.rsrefseg.siglip.vision_lora.rank: int32")));
  EXPECT_EQ(Help("sam.lora.rank").find("vision_lora"), std::string::npos);
}

TEST(FieldHelpTest, FieldsOfAnExperimentAreFoundByTheirEndToo) {
  EXPECT_EQ(Help("exclude"), Help("design.exclude"));
  EXPECT_EQ(Help("when"), Help("axis.when"));
  EXPECT_EQ(Help("when.axis"), Help("axis.when.axis"));
  EXPECT_THAT(FieldHelp("exclde"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("did you mean \"design.exclude\"?")));
  EXPECT_THAT(FieldHelp("design.grid.exclude"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("did you mean \"design.exclude\"?")));
  EXPECT_THAT(FieldHelp("stepz"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("did you mean \"training.steps\"?")));
}

TEST(FieldHelpTest, ASpelledOutNameFindsItsAbbreviation) {
  EXPECT_THAT(FieldHelp("learning_rate"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("did you mean \"training.optimizer.lr\"")));
  EXPECT_THAT(FieldHelp("training.learning_rate"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("did you mean \"training.optimizer.lr\"")));
}

TEST(FieldHelpTest, ASwitchSaysWhatItDoesAndWhereItsPointIs) {
  EXPECT_EQ(
      Help("model.rsrefseg.prompter.local_combine"),
      "model.rsrefseg.prompter.local_combine: LocalCombine, default ADD\n"
      "How the local feature of a patch v, its mean over the words t_k of v\n"
      "weighted by sigmoid(similarity), joins v itself (S2).\n"
      "Cannot change a result, and is erased, where prompts is DENSE.\n"
      "\n"
      "  ADD\n"
      "    The sum: local = mean_k(v sigmoid(v t_k)) + v (paper, S2).\n"
      "\n"
      "  AVERAGE\n"
      "    The mean: local = (mean_k(v sigmoid(v t_k)) + v) / 2 (released "
      "code, "
      "S2).\n"
      "\n"
      "S and a number: a point on which the RSRefSeg paper and its released "
      "code\n"
      "disagree; docs/variants.md lists them.\n");
  EXPECT_THAT(Help("seed"), Not(HasSubstr("docs/variants.md")));
}

TEST(FieldHelpTest, SaysWhereAFieldCannotMatter) {
  EXPECT_THAT(FieldHelp("model.rsrefseg.prompter.downsampling"),
              IsOkAndHolds(HasSubstr("Cannot change a result, and is erased, "
                                     "where prompts is DENSE.\n")));
}

}  // namespace
}  // namespace transect
