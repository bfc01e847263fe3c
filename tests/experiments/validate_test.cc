#include "experiments/validate.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/sample_specs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::vector<std::string> Lines(const Problems& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems.all()) {
    lines.push_back(absl::StrCat(problem.field, ": ", problem.message));
  }
  return lines;
}

std::vector<std::string> ProblemsOf(const Experiment& experiment) {
  return Lines(ValidateExperiment(experiment));
}

TEST(ValidateExperimentTest, TheSampleIsValid) {
  EXPECT_THAT(ProblemsOf(SampleExperiment()), IsEmpty());
}

TEST(ValidateExperimentTest, AProblemOfTheBaseIsSaidOnce) {
  Experiment experiment = SampleExperiment();
  experiment.mutable_base()->mutable_training()->set_global_batch(0);
  EXPECT_THAT(ProblemsOf(experiment),
              ElementsAre("base.training.global_batch: is 0, must be 1 to "
                          "1000000"));
}

TEST(ValidateExperimentTest, AProblemOfACellNamesTheCell) {
  Experiment experiment = SampleExperiment();
  experiment.mutable_axis(0)->add_values("2000");
  EXPECT_THAT(
      ProblemsOf(experiment),
      ElementsAre(AllOf(StartsWith("base.model.rsrefseg.sam.lora.rank: "),
                        HasSubstr("(design \"adapters\", cell rank=2000)"))));
}

TEST(ValidateExperimentTest, ProblemsOfTheFileAndOfRunsComeTogether) {
  Experiment experiment = SampleExperiment();
  experiment.clear_name();
  experiment.mutable_base()->mutable_training()->set_steps(0);
  EXPECT_THAT(
      ProblemsOf(experiment),
      ElementsAre(StartsWith("name: "), StartsWith("base.training.steps: ")));
}

TEST(ToStatusTest, IsOkWithoutProblems) {
  EXPECT_THAT(ToStatus(Problems()), IsOk());
}

TEST(ToStatusTest, HasALinePerProblem) {
  Problems problems;
  problems.Add("a.b", "is 1");
  problems.Add("", "is empty");
  EXPECT_THAT(ToStatus(problems), StatusIs(absl::StatusCode::kInvalidArgument,
                                           "a.b: is 1\nis empty"));
}

TEST(ToStatusTest, CountsWhatItLeavesOut) {
  Problems problems;
  for (int i = 0; i < kMaxProblemLines + 3; ++i) {
    problems.Add("a", "b");
  }
  EXPECT_THAT(ToStatus(problems),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("a: b\nand 3 more problems")));
}

}  // namespace
}  // namespace transect
