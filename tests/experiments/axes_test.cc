#include "experiments/axes.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/sample_specs.h"

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
                 "axis { name: 'x' field: 'training.ranks' }"
                 "axis { field: 'training.ranks' }"
                 "axis { name: 'state' field: 'training.ranks' }"),
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
                  "axis[0].values[2]: is \"5e-1\", a value given before it"));
}

}  // namespace
}  // namespace transect
