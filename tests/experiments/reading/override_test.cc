#include "experiments/reading/override.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "data/io/textproto.h"
#include "experiments/expanding/expand.h"
#include "experiments/expanding/validate.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

Experiment With(const std::vector<std::string>& assignments) {
  Experiment experiment = SampleExperiment();
  EXPECT_THAT(ApplyOverrides(assignments, &experiment, nullptr), IsOk());
  return experiment;
}

std::string Message(const std::vector<std::string>& assignments) {
  Experiment experiment = SampleExperiment();
  const absl::Status status = ApplyOverrides(assignments, &experiment, nullptr);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(experiment, EqualsProto(SampleExperiment()));
  return std::string(status.message());
}

TEST(OverrideTest, ValuesOfEveryKind) {
  const Experiment experiment = With(
      {"training.optimizer.lr=3e-4", "training.steps = 7",
       "model.rsrefseg.prompter.prompts=DENSE", "data.train_split=val",
       "data.eval_splits=[\"test\"]", "evaluation.permuted_sentences=false"});
  const RunSpec& base = experiment.base();
  EXPECT_EQ(base.training().optimizer().lr(), 3e-4);
  EXPECT_EQ(base.training().steps(), 7);
  EXPECT_EQ(base.training().global_batch(), 4);
  EXPECT_EQ(base.model().rsrefseg().prompter().prompts(), PrompterSpec::DENSE);
  EXPECT_EQ(base.data().train_split(), "val");
  EXPECT_THAT(base.data().eval_splits(), ElementsAre("test"));
  EXPECT_EQ(With({"data.train_split=\"val\""}).base().data().train_split(),
            "val");
  EXPECT_FALSE(base.evaluation().permuted_sentences());
}

TEST(OverrideTest, ListsReplaceAndMessagesMerge) {
  const Experiment lists = With({"weights.parts=[SAM, SIGLIP]"});
  EXPECT_THAT(lists.base().weights().parts(),
              ElementsAre(WeightsSpec::SAM, WeightsSpec::SIGLIP));
  EXPECT_TRUE(lists.base().weights().has_trained());
  const Experiment messages =
      With({"training.optimizer={lr: 2 beta1: 0.5}", "weights.parts=SAM"});
  EXPECT_EQ(messages.base().training().optimizer().beta1(), 0.5);
  EXPECT_EQ(messages.base().training().steps(), 3);
}

TEST(OverrideTest, ListsNeedNeitherBracketsNorQuotes) {
  for (const char* text :
       {"data.eval_splits=val,test", "data.eval_splits=[val, test]",
        "data.eval_splits=[\"val\", 'test']"}) {
    EXPECT_THAT(With({text}).base().data().eval_splits(),
                ElementsAre("val", "test"))
        << text;
  }
}

TEST(OverrideTest, SeedsAreReplaced) {
  for (const char* text : {"seeds=7,8", "seeds=[7, 8]", "seeds = 7 , 8"}) {
    EXPECT_THAT(With({text}).seeds(), ElementsAre(7, 8)) << text;
  }
  EXPECT_THAT(With({"seeds=3"}).seeds(), ElementsAre(3));
  EXPECT_EQ(With({"seeds=7,8"}).title(), "A sample, with seeds=7,8");
}

TEST(OverrideTest, ValuesOfAnAxisAreReplaced) {
  for (const char* text :
       {"axis.rank.values=8,32", "axis.rank.values=[\"8\", \"32\"]"}) {
    const Experiment experiment = With({text});
    EXPECT_THAT(experiment.axis(0).values(), ElementsAre("8", "32")) << text;
    EXPECT_EQ(experiment.axis(0).field(), "model.rsrefseg.sam.lora.rank");
    EXPECT_THAT(experiment.axis(1).values(), ElementsAre("FULL", "ZERO"));
  }
  EXPECT_EQ(With({"axis.rank.values=8", "axis.text.values=HALF"}).title(),
            "A sample, with axis.rank.values=8, axis.text.values=HALF");
}

TEST(OverrideTest, OfOptionsThoseThatAreNamedStay) {
  Experiment experiment = SampleExperiment();
  Axis* const axis = experiment.add_axis();
  axis->set_name("size");
  for (const char* name : {"s", "m", "l"}) axis->add_option()->set_name(name);
  Experiment kept = experiment;
  EXPECT_THAT(ApplyOverrides({"axis.size.values=l,s"}, &kept, nullptr), IsOk());
  ASSERT_EQ(kept.axis(3).option_size(), 2);
  EXPECT_EQ(kept.axis(3).option(0).name(), "l");
  EXPECT_EQ(kept.axis(3).option(1).name(), "s");
  EXPECT_THAT(
      ApplyOverrides({"axis.size.values=xl"}, &experiment, nullptr),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "--set \"axis.size.values=xl\": \"xl\" is not an option of "
               "axis \"size\"; it can be s, m, l"));
}

TEST(OverrideTest, WhatIsWrongWithSeedsAndAxesIsSaid) {
  EXPECT_EQ(
      Message({"seeds=1,x", "seeds=", "seed=3", "sedes=3", "axis.rnk.values=8",
               "axis.rank=8", "axis[0].values=8", "axis=8",
               "axis.rank.field=seed", "axis.rank.values=8,many",
               "axis.text.values=FUL", "axis.rank.values=[8", "title=other"}),
      "--set \"seeds=1,x\": \"x\" is not a whole number from 0 to "
      "18446744073709551615\n"
      "--set \"seeds=\": \"\" has no value; a list is values and commas, such "
      "as 8,16\n"
      "--set \"seed=3\": the experiment's `seeds` set it for every run; say "
      "--set seeds=3\n"
      "--set \"sedes=3\": \"sedes\" is neither a field of the base nor seeds; "
      "did you mean \"seed\" or \"seeds\"?\n"
      "--set \"axis.rnk.values=8\": there is no axis \"rnk\"; there are rank, "
      "text, prompts; did you mean \"rank\"?\n"
      "--set \"axis.rank=8\": of an axis only the values can be set: "
      "axis.rank.values=8\n"
      "--set \"axis[0].values=8\": names no axis; say axis.NAME.values=8,16; "
      "NAME can be rank, text, prompts\n"
      "--set \"axis=8\": names no axis; say axis.NAME.values=8,16; NAME can be "
      "rank, text, prompts\n"
      "--set \"axis.rank.field=seed\": of an axis only the values can be set: "
      "axis.rank.values=seed\n"
      "--set \"axis.rank.values=8,many\": no value of "
      "model.rsrefseg.sam.lora.rank, which axis \"rank\" varies: \"many\" is "
      "not a whole number from -2147483648 to 2147483647\n"
      "--set \"axis.text.values=FUL\": no value of "
      "model.rsrefseg.siglip.text_tuning, which axis \"text\" varies: \"FUL\" "
      "is no TextTuning; did you mean \"FULL\"?\n"
      "--set \"axis.rank.values=[8\": \"[8\" has no ] at its end; a list is "
      "values and commas, such as 8,16\n"
      "--set \"title=other\": \"title\" cannot be set here; fields of the "
      "base, "
      "seeds and axis.NAME.values can");
  EXPECT_THAT(Message({"rank=3"}),
              StartsWith("--set \"rank=3\": \"rank\" is an axis; --set "
                         "axis.rank.values=3 sets its values; did you mean "));
  EXPECT_EQ(Message({"seeds=1", "seeds=2"}),
            "--set \"seeds=2\": seeds is set before it");
}

TEST(OverrideTest, AnAxisLostToAnotherListIsNamedWithBothFiles) {
  Experiment experiment = SampleExperiment();
  SourceMap sources;
  sources.NoteReplaced("axis", "lr", "base.textproto:9:1", "a.textproto:2:1");
  EXPECT_THAT(
      ApplyOverrides({"axis.lr.values=1"}, &experiment, &sources),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "--set \"axis.lr.values=1\": there is no axis \"lr\"; "
               "base.textproto:9:1 declares it, but the list of axis at "
               "a.textproto:2:1 replaces all of an included file's: repeat it "
               "there"));
}

TEST(OverrideTest, AnotherMemberOfAOneofTakesItsPlace) {
  EXPECT_TRUE(With({"weights.random={}"}).base().weights().has_random());
  const Experiment found = With({"data.found.role=rrsisd"});
  EXPECT_EQ(found.base().data().found().role(), "rrsisd");
  EXPECT_FALSE(found.base().data().has_synthesis());
}

TEST(OverrideTest, ThePathOfAnExperimentIsThatOfItsRun) {
  EXPECT_EQ(With({"base.training.steps=7"}).base().training().steps(), 7);
  EXPECT_EQ(With({"base.training.steps=7"}).title(),
            "A sample, with training.steps=7");
  EXPECT_THAT(Message({"base.training.steps=3", "training.steps=4"}),
              HasSubstr("training.steps is set before it"));
}

TEST(OverrideTest, ANameFromElsewhereIsFound) {
  EXPECT_EQ(Message({"lr=3"}),
            "--set \"lr=3\": \"lr\" is neither a field of the base nor seeds; "
            "did you mean \"base.training.optimizer.lr\"?");
  // Also where another name at the top is near.
  for (const char* steps : {"steps=9", "stepz=9"}) {
    EXPECT_THAT(Message({steps}),
                HasSubstr("did you mean \"base.training.steps\"?"));
  }
  EXPECT_EQ(Message({"training.learning_rate=3"}),
            "--set \"training.learning_rate=3\": TrainingSpec has no field "
            "\"learning_rate\"; did you mean \"base.training.optimizer.lr\"?");
  EXPECT_THAT(Message({"rank=3"}),
              HasSubstr("\"base.model.rsrefseg.sam.lora.rank\""));
  // What is suggested can be said.
  EXPECT_EQ(
      With({"base.training.optimizer.lr=3"}).base().training().optimizer().lr(),
      3);
}

TEST(OverrideTest, TheTitleTells) {
  EXPECT_EQ(With({"training.steps=7", "weights.random={}"}).title(),
            "A sample, with training.steps=7, weights.random={}");
  EXPECT_EQ(With({}).title(), "A sample");
}

TEST(OverrideTest, ARunIsTheOneOfAFileThatSaysTheSame) {
  Experiment file = SampleExperiment();
  file.mutable_base()->mutable_training()->set_steps(7);
  const auto typed = Expand(With({"training.steps=7"}), {});
  const auto written = Expand(file, {});
  ASSERT_THAT(typed, IsOk());
  ASSERT_THAT(written, IsOk());
  EXPECT_EQ(typed->spec_ids, written->spec_ids);
}

TEST(OverrideTest, SeedsAndValuesGiveTheRunsOfAFileThatSaysTheSame) {
  Experiment file = SampleExperiment();
  file.mutable_seeds()->Clear();
  file.add_seeds(4);
  file.mutable_axis(0)->clear_values();
  file.mutable_axis(0)->add_values("8");
  const auto typed = Expand(With({"seeds=4", "axis.rank.values=8"}), {});
  const auto written = Expand(file, {});
  ASSERT_THAT(typed, IsOk());
  ASSERT_THAT(written, IsOk());
  EXPECT_EQ(typed->spec_ids, written->spec_ids);
  // The base, rank=8, text=ZERO and prompts=SPARSE.
  EXPECT_EQ(typed->spec_ids.size(), 4);
}

TEST(OverrideTest, AValueOutOfRangeIsPlacedAtTheFlag) {
  Experiment experiment = SampleExperiment();
  SourceMap sources;
  ASSERT_THAT(
      ApplyOverrides({"axis.rank.values=16,5000"}, &experiment, &sources),
      IsOk());
  EXPECT_THAT(Expand(experiment, {}, &sources),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("--set: axis[0].values[1]: in cell rank=5000, "
                                 "base.model.rsrefseg.sam.lora.rank: is 5000, "
                                 "must be 0 to 1024")));
}

TEST(OverrideTest, WhatIsWrongIsSaidAtOnceWithTheNearestNames) {
  EXPECT_EQ(
      Message({"training.stepz=3", "training.steps", "training.steps=many",
               "training.steps.x=1", "model.rsrefseg.prompter.prompts=DENS",
               "=3", "weights.parts=SAM parts: SIGLIP"}),
      "--set \"training.stepz=3\": TrainingSpec has no field \"stepz\"; did "
      "you mean \"steps\"?\n"
      "--set \"training.steps\": has no '='; say PATH=VALUE, such as "
      "training.optimizer.lr=3e-4, seeds=1,2 or axis.NAME.values=8,16\n"
      "--set \"training.steps=many\": \"many\" is not a whole number from "
      "-9223372036854775808 to 9223372036854775807\n"
      "--set \"training.steps.x=1\": \"training.steps.x\" goes on after "
      "\"steps\", which is a single value\n"
      "--set \"model.rsrefseg.prompter.prompts=DENS\": \"DENS\" is no "
      "Prompts; did you mean \"DENSE\"?\n"
      "--set \"=3\": \"\" is neither a field of the base nor seeds; it can be "
      "model, data, tokenizer, weights, training, evaluation, seed, seeds\n"
      "--set \"weights.parts=SAM parts: SIGLIP\": \"SAM parts: SIGLIP\" is "
      "no Part; it can be SIGLIP, SAM, PROMPTER");
}

// The words after the value are the text parser's.
TEST(OverrideTest, ErrorsOfValuesHaveNoPlaceOfTheirOwn) {
  EXPECT_THAT(Message({"training=1"}),
              StartsWith("--set \"training=1\": \"1\": Expected"));
  EXPECT_THAT(Message({"weights.parts=[SAN]"}),
              StartsWith("--set \"weights.parts=[SAN]\": \"SAN\" is no Part; "
                         "did you mean \"SAM\"?"));
  EXPECT_THAT(Message({"data.train_split=\"a"}),
              AllOf(StartsWith("--set \"data.train_split=\\\"a\": \"\\\"a\": "),
                    Not(HasSubstr(":1:"))));
}

TEST(OverrideTest, OneFieldTwiceIsWrong) {
  EXPECT_EQ(Message({"training.steps=3", "training.steps=3"}),
            "--set \"training.steps=3\": training.steps is set before it");
  EXPECT_EQ(Message({"training.optimizer={}", "training.optimizer.lr=3"}),
            "--set \"training.optimizer.lr=3\": training.optimizer is set "
            "before it");
}

TEST(OverrideTest, WhatValidationFindsIsPlacedAtTheFlag) {
  constexpr char kText[] = "name: 'x'\nbase {\n  training { steps: 3 }\n}\n";
  Experiment experiment = FromText<Experiment>(kText);
  auto sources = SourceMap::Make(kText, "x.textproto", experiment);
  ASSERT_THAT(sources, IsOk());
  ASSERT_THAT(ApplyOverrides({"training.steps=0"}, &experiment, &*sources),
              IsOk());
  EXPECT_EQ(sources->Find("base.training.steps"), "--set");
  EXPECT_EQ(sources->Find("base.training.ranks"), "x.textproto:3:3");
  Problems problems;
  MakeValidCells(experiment, &problems);
  EXPECT_THAT(
      ToStatus(problems, &*sources),
      StatusIs(
          absl::StatusCode::kInvalidArgument,
          HasSubstr("--set: base.training.steps: is 0, must be 1 or more")));
}

}  // namespace
}  // namespace transect
