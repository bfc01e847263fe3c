#include "experiments/expanding/axes.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> ProblemsOf(absl::string_view text) {
  Problems problems;
  ReadAxes(FromText<Experiment>(text), &problems);
  std::vector<std::string> lines;
  for (const Problem& problem : problems.all()) {
    lines.push_back(absl::StrCat(problem.field, ": ", problem.message));
  }
  return lines;
}

TEST(AxesTest, ValuesBecomeCanonical) {
  Problems problems;
  const std::vector<CheckedAxis> axes = ReadAxes(
      FromText<Experiment>("axis { name: 'lr' field: 'training.optimizer.lr' "
                           "values: ['5e-1', '1.0'] }"),
      &problems);
  EXPECT_THAT(problems.all(), IsEmpty());
  ASSERT_EQ(axes.size(), 1);
  EXPECT_EQ(axes[0].name, "lr");
  EXPECT_TRUE(axes[0].path.has_value());
  ASSERT_EQ(axes[0].values.size(), 2);
  EXPECT_EQ(axes[0].values[0].text, "0.5");
  EXPECT_EQ(axes[0].values[0].field, "axis[0].values[0]");
  EXPECT_EQ(axes[0].values[1].text, "1");
  EXPECT_EQ(axes[0].values[1].field, "axis[0].values[1]");
}

TEST(AxesTest, NamesAreWordsAndGivenOnce) {
  EXPECT_THAT(
      ProblemsOf("axis { name: 'a b' field: 'training.steps' }"
                 "axis { name: 'x' field: 'training.steps' }"
                 "axis { name: 'x' field: 'training.logical_shards' }"
                 "axis { field: 'training.logical_shards' }"
                 "axis { name: 'state' field: 'training.logical_shards' }"),
      ElementsAre("axis[0].name: is \"a b\", must be 1 to 64 letters, digits, "
                  "'_' and '-'",
                  "axis[2].name: is \"x\", the name of an axis before it",
                  "axis[3].name: is \"\", must be 1 to 64 letters, digits, '_' "
                  "and '-'",
                  "axis[4].name: is \"state\", a word that selectors use"));
}

TEST(AxesTest, FieldsExistAndMayVary) {
  EXPECT_THAT(
      ProblemsOf("axis { name: 'a' field: 'training.stepz' values: '1' }"
                 "axis { name: 'b' field: 'seed' values: '1' }"
                 "axis { name: 'c' field: 'training.log_every' values: '1' }"
                 "axis { name: 'd' field: 'weights.parts' values: 'SAM' }"),
      ElementsAre(
          "axis[0].field: \"training.stepz\": TrainingSpec has no field "
          "\"stepz\"; did you mean \"steps\"?",
          "axis[1].field: is \"seed\"; the experiment's `seeds` vary it",
          "axis[2].field: is \"training.log_every\", which cannot change a "
          "result",
          "axis[3].field: \"weights.parts\": \"parts\" is a list; a path leads "
          "to a single value"));
}

TEST(AxesTest, ValuesFitTheFieldAndAreGivenOnce) {
  EXPECT_THAT(
      ProblemsOf("axis { name: 'lr' field: 'training.optimizer.lr' "
                 "values: ['0.5', 'fast', '5e-1'] }"),
      ElementsAre("axis[0].values[1]: \"fast\" is not a finite number",
                  "axis[0].values[2]: is \"5e-1\", which is the value \"0.5\" "
                  "that is given before it"));
}

TEST(AxesTest, OptionsNameWhatTheySet) {
  Problems problems;
  const std::vector<CheckedAxis> axes = ReadAxes(FromText<Experiment>(R"pb(
                                                   axis {
                                                     name: "start"
                                                     option { name: "own" }
                                                     option {
                                                       name: "drawn"
                                                       set {
                                                         weights { random {} }
                                                         training { steps: 7 }
                                                       }
                                                     }
                                                   }
                                                 )pb"),
                                                 &problems);
  EXPECT_THAT(problems.all(), IsEmpty());
  ASSERT_EQ(axes.size(), 1);
  EXPECT_TRUE(axes[0].has_options);
  ASSERT_EQ(axes[0].values.size(), 2);
  EXPECT_EQ(axes[0].values[1].text, "drawn");
  EXPECT_EQ(axes[0].values[1].field, "axis[0].option[1]");
  const AxisOverlay* const drawn = axes[0].Overlay("drawn");
  ASSERT_NE(drawn, nullptr);
  EXPECT_THAT(drawn->fields, ElementsAre("training.steps", "weights.random"));
  EXPECT_THAT(drawn->oneofs,
              ElementsAre(testing::Pair("training.length", "steps"),
                          testing::Pair("weights.source", "random")));
  EXPECT_THAT(axes[0].Overlay("own")->fields, IsEmpty());
  EXPECT_EQ(axes[0].Overlay("other"), nullptr);
  EXPECT_EQ(axes[0].Canonical("drwn").status().message(),
            "\"drwn\" is not an option of axis \"start\"; did you mean "
            "\"drawn\"?");
}

TEST(AxesTest, WhatOptionsMayNotSay) {
  EXPECT_THAT(
      ProblemsOf(R"pb(
        axis {
          name: "a"
          field: "training.steps"
          values: "3"
          option { name: "x" }
          option {
            name: "x"
            set { seed: 3 }
          }
          option {
            name: ""
            set { training { log_every: 2 } }
          }
        }
      )pb"),
      ElementsAre(
          "axis[0].field: is set, but the axis has options; say one",
          "axis[0].values: is set, but the axis has options; say one",
          "axis[0].option[1].name: is \"x\", the name of an option "
          "before it",
          "axis[0].option[1].set.seed: is set; the experiment's `seeds` "
          "vary it",
          "axis[0].option[2].name: is \"\", must be 1 to 64 letters, "
          "digits, '_' and '-'",
          "axis[0].option[2].set.training.log_every: is set, which "
          "cannot change a result"));
}

TEST(AxesTest, ConditionsAreOnOtherAxesAndTheirValues) {
  EXPECT_THAT(
      ProblemsOf(R"pb(
        axis {
          name: "steps"
          field: "training.steps"
          when { axis: "rnks" values: "1" }
          when { axis: "ranks" }
          when { axis: "ranks" values: "few" }
          when {
            axis: "ranks"
            values: [ "1", "02" ]
          }
          when { axis: "ranks" values: "1" }
        }
        axis { name: "ranks" field: "training.logical_shards" }
      )pb"),
      ElementsAre(
          "axis[0].when[0].axis: is \"rnks\", which is not an axis; did you "
          "mean \"ranks\"?",
          "axis[0].when[1].values: is empty",
          "axis[0].when[2].values[0]: \"few\" is not a whole number from "
          "-2147483648 to 2147483647",
          "axis[0].when[4].axis: is \"ranks\", given before it"));
}

TEST(AxesTest, ConditionsThatGoInACircleAreFound) {
  EXPECT_THAT(
      ProblemsOf(R"pb(
        axis {
          name: "a"
          field: "training.steps"
          when { axis: "b" values: "1" }
        }
        axis {
          name: "b"
          field: "training.logical_shards"
          when { axis: "c" values: "1" }
        }
        axis {
          name: "c"
          field: "training.global_batch"
          when { axis: "a" values: "1" }
        }
        axis {
          name: "d"
          field: "training.threads_per_rank"
          when { axis: "d" values: "1" }
        }
      )pb"),
      ElementsAre("axis[2].when[0].axis: is \"a\", which by its own conditions "
                  "applies only where \"c\" does",
                  "axis[3].when[0].axis: is \"d\", which by its own conditions "
                  "applies only where \"d\" does"));
}

TEST(AxesTest, AnAxisAppliesWhereAllItsConditionsHold) {
  Problems problems;
  const std::vector<CheckedAxis> axes =
      ReadAxes(FromText<Experiment>(R"pb(
                 axis { name: "a" field: "training.steps" }
                 axis {
                   name: "b"
                   field: "training.logical_shards"
                   when {
                     axis: "a"
                     values: [ "1", "2" ]
                   }
                 }
                 axis {
                   name: "c"
                   field: "training.global_batch"
                   when { axis: "b" values: "4" }
                 }
               )pb"),
               &problems);
  EXPECT_THAT(problems.all(), IsEmpty());
  const auto applies = [&axes](std::vector<std::string> values) {
    return AxesThatApply(axes, [&values](size_t axis) -> const std::string* {
      return values[axis].empty() ? nullptr : &values[axis];
    });
  };
  EXPECT_THAT(applies({"2", "4", ""}), ElementsAre(true, true, true));
  EXPECT_THAT(applies({"2", "5", ""}), ElementsAre(true, true, false));
  // b has a value, but does not apply.
  EXPECT_THAT(applies({"3", "4", ""}), ElementsAre(true, false, false));
  EXPECT_THAT(applies({"", "4", ""}), ElementsAre(true, false, false));
  EXPECT_EQ(axes[1].WhereItApplies(axes), "applies only where a is 1 or 2");
}

}  // namespace
}  // namespace transect
