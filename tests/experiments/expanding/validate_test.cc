#include "experiments/expanding/validate.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"
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
  Problems problems;
  MakeValidCells(experiment, &problems);
  return Lines(problems);
}

TEST(MakeValidCellsTest, TheSampleIsValid) {
  EXPECT_THAT(ProblemsOf(SampleExperiment()), IsEmpty());
}

TEST(MakeValidCellsTest, AnAxisLostToAnotherListIsNamedWithBothFiles) {
  Experiment experiment = SampleExperiment();
  experiment.mutable_axis()->DeleteSubrange(1, 1);
  experiment.mutable_axis(0)->add_when()->set_axis("text");
  Design* const design = experiment.mutable_design(0);
  design->add_exclude()->add_where()->set_axis("text");
  SourceMap sources;
  sources.NoteReplaced("axis", "text", "base.textproto:9:1", "a.textproto:2:1");
  Problems problems;
  MakeValidCells(experiment, &problems, &sources);
  const std::string why =
      "is \"text\", which is not an axis; base.textproto:9:1 declares it, but "
      "the list of axis at a.textproto:2:1 replaces all of an included file's: "
      "repeat it there";
  EXPECT_THAT(Lines(problems),
              ElementsAre("axis[0].when[0].axis: " + why,
                          "design[0].one_factor.axes[1]: " + why,
                          "design[0].exclude[0].where[0].axis: " + why));
}

TEST(MakeValidCellsTest, AProblemOfTheBaseIsSaidOnce) {
  Experiment experiment = SampleExperiment();
  experiment.mutable_base()->mutable_training()->set_global_batch(0);
  EXPECT_THAT(ProblemsOf(experiment),
              ElementsAre("base.training.global_batch: is 0, must be 1 to "
                          "1000000"));
}

TEST(MakeValidCellsTest, AProblemOfACellIsAtWhatAsksForTheCell) {
  Experiment experiment = SampleExperiment();
  experiment.mutable_axis(0)->add_values("2000");
  experiment.MergeFrom(FromText<Experiment>(
      "design { name: 'b' list { cell { set { axis: 'rank' value: '3000' } } } "
      "}"));
  EXPECT_THAT(
      ProblemsOf(experiment),
      ElementsAre(AllOf(StartsWith("axis[0].values[2]: in cell rank=2000, "
                                   "base.model.rsrefseg.sam.lora.rank: "),
                        HasSubstr("2000")),
                  AllOf(StartsWith("design[1].list.cell[0]: in cell rank=3000, "
                                   "base.model.rsrefseg.sam.lora.rank: "),
                        HasSubstr("3000"))));
}

TEST(MakeValidCellsTest, AnExperimentWithoutABaseIsOneProblem) {
  EXPECT_THAT(ProblemsOf(FromText<Experiment>("name: 'x'")),
              ElementsAre("base: is absent; every cell departs from it"));
}

TEST(MakeValidCellsTest, ProblemsOfTheFileAndOfRunsComeTogether) {
  Experiment experiment = SampleExperiment();
  experiment.clear_name();
  experiment.mutable_base()->mutable_training()->set_steps(0);
  EXPECT_THAT(
      ProblemsOf(experiment),
      ElementsAre(StartsWith("name: "), StartsWith("base.training.steps: ")));
}

TEST(MakeValidCellsTest, PublishedResultsAreForADesignThatIsThere) {
  Experiment experiment = SampleExperiment();
  experiment.mutable_report()->add_published()->set_design("adaptors");
  EXPECT_THAT(ProblemsOf(experiment),
              ElementsAre(StartsWith("report.published[0].name: is empty"),
                          "report.published[0].design: is \"adaptors\", must "
                          "be the name of a design: adapters"));
  experiment.mutable_report()->mutable_published(0)->set_name("x");
  experiment.mutable_report()->mutable_published(0)->set_design("adapters");
  EXPECT_THAT(ProblemsOf(experiment), IsEmpty());
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

TEST(ToStatusTest, StartsWithThePlaceOrTheFile) {
  const std::string text = "title: 'x'\n  name: 'a b'";
  ASSERT_OK_AND_ASSIGN(const SourceMap sources,
                       SourceMap::Make(text, "e.textproto", Experiment()));
  Problems problems;
  problems.Add("name", "is wrong");
  problems.Add("seeds", "are wrong");
  EXPECT_THAT(ToStatus(problems, &sources),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "e.textproto:2:3: name: is wrong\n"
                       "e.textproto: seeds: are wrong"));
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
