#include "experiments/expanding/designs.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "experiments/expanding/cells.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/made_cells.h"
#include "tests/experiments/testing/sample_specs.h"

namespace transect {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The cells of SampleExperiment with other designs, or what is wrong.
struct Made {
  std::vector<std::string> labels;
  std::vector<std::string> fields;
  std::vector<bool> is_base;
  std::vector<std::string> problems;
};

Made MakeFrom(const Experiment& experiment) {
  MadeCells cells = Make(experiment);
  Made made;
  for (const DesignSpec& design : cells.table.designs) {
    for (const CellSpec& cell : design.cells) {
      made.labels.push_back(cell.label);
      made.fields.push_back(cell.field);
      made.is_base.push_back(cell.is_base);
    }
  }
  made.problems = std::move(cells.problems);
  return made;
}

Made Make(absl::string_view designs) { return MakeFrom(WithDesigns(designs)); }

TEST(DesignsTest, AGridHasEveryCombinationAndTheLastAxisVariesFastest) {
  const Made made =
      Make("design { name: 'd' grid { axes: [ 'rank', 'text', 'prompts' ] } }");
  EXPECT_THAT(made.problems, IsEmpty());
  EXPECT_THAT(
      made.labels,
      ElementsAre("base", "prompts=SPARSE", "text=ZERO",
                  "text=ZERO prompts=SPARSE", "rank=2", "rank=2 prompts=SPARSE",
                  "rank=2 text=ZERO", "rank=2 text=ZERO prompts=SPARSE"));
  EXPECT_THAT(made.is_base, ElementsAre(true, false, false, false, false, false,
                                        false, false));
  EXPECT_EQ(made.fields[3], "design[0].grid");
}

TEST(DesignsTest, AGridHasNoBaseThatItsValuesDoNotHave) {
  Experiment experiment =
      WithDesigns("design { name: 'd' grid { axes: [ 'text', 'rank' ] } }");
  experiment.mutable_axis(0)->clear_values();
  for (const char* value : {"2", "4", "8"}) {
    experiment.mutable_axis(0)->add_values(value);
  }
  EXPECT_THAT(MakeFrom(experiment).labels,
              ElementsAre("rank=2", "rank=4", "rank=8", "rank=2 text=ZERO",
                          "rank=4 text=ZERO", "rank=8 text=ZERO"));
}

TEST(DesignsTest, ZipGoesThroughTheValuesOfAllAxesTogether) {
  const Made made = Make(
      "design { name: 'd' zip { axes: [ 'text', 'rank' ] } }"
      "design { name: 'e' zip { axes: [ 'text', 'rank' ]"
      "                         names: [ 'large', 'small' ] } }");
  EXPECT_THAT(made.problems, IsEmpty());
  EXPECT_THAT(made.labels,
              ElementsAre("base", "rank=2 text=ZERO", "large", "small"));
  EXPECT_THAT(made.is_base, ElementsAre(true, false, true, false));
}

TEST(DesignsTest, ZipNeedsEqualLengths) {
  Experiment experiment = WithDesigns(
      "design { name: 'd' zip { axes: [ 'text', 'rank' ] } }"
      "design { name: 'e' zip { axes: [ 'text' ] names: 'one' } }");
  experiment.mutable_axis(0)->add_values("4");
  EXPECT_THAT(
      MakeFrom(experiment).problems,
      ElementsAre("design[0].zip.axes[1]: is \"rank\" with 3 values, must have "
                  "2 as \"text\"",
                  "design[1].zip.names: has 1 entries, must have 2 or none"));
}

TEST(DesignsTest, AWrongValueOfAZippedAxisIsReportedOnce) {
  Experiment experiment =
      WithDesigns("design { name: 'd' zip { axes: [ 'text', 'rank' ] } }");
  experiment.mutable_axis(0)->set_values(1, "two");
  const Made made = MakeFrom(experiment);
  EXPECT_THAT(made.problems,
              ElementsAre("axis[0].values[1]: \"two\" is not a whole number "
                          "from -2147483648 to 2147483647"));
  EXPECT_THAT(made.labels, IsEmpty());
}

constexpr char kComponents[] = R"(
  without { axis: "text" value: "ZERO" }
  without { axis: "rank" value: "2" }
  without { axis: "prompts" value: "DENSE" })";

TEST(DesignsTest, LeaveOneOutIsTheBaseAndTheBaseWithoutEachComponent) {
  const Made made = Make(
      absl::StrCat("design { name: 'd' leave_one_out {", kComponents, "} }"));
  EXPECT_THAT(made.problems, IsEmpty());
  EXPECT_THAT(made.labels,
              ElementsAre("base", "text=ZERO", "rank=2", "prompts=DENSE"));
  EXPECT_EQ(made.fields[0], "design[0]");
  EXPECT_EQ(made.fields[2], "design[0].leave_one_out.without[1]");
}

TEST(DesignsTest, AddOneGoesFromNoneToEachToAll) {
  const Made made =
      Make(absl::StrCat("design { name: 'd' add_one {", kComponents, "} }"));
  EXPECT_THAT(made.problems, IsEmpty());
  EXPECT_THAT(
      made.labels,
      ElementsAre("rank=2 text=ZERO prompts=DENSE", "rank=2 prompts=DENSE",
                  "text=ZERO prompts=DENSE", "rank=2 text=ZERO", "base"));
  EXPECT_EQ(made.fields[1], "design[0].add_one.without[0]");
}

TEST(DesignsTest, AddOneOfASingleComponentHasTheBaseOnce) {
  EXPECT_THAT(Make("design { name: 'd' add_one { without { axis: 'rank' "
                   "value: '2' } } }")
                  .labels,
              ElementsAre("rank=2", "base"));
}

TEST(DesignsTest, AComponentMustTakeSomethingAway) {
  EXPECT_THAT(
      Make("design { name: 'd' leave_one_out { without { axis: 'rank' "
           "value: '+16' } } }"
           "design { name: 'e' add_one {} }"
           "design { name: 'f' add_one { without { axis: 'rank' value: '2' }"
           "                             without { axis: 'rank' value: '4' } "
           "} }")
          .problems,
      ElementsAre("design[0].leave_one_out.without[0].value: is \"16\", the "
                  "base's value; it takes nothing away",
                  "design[1].add_one.without: is empty",
                  "design[2].add_one.without[1].axis: is \"rank\", given "
                  "before it"));
}

TEST(DesignsTest, ExcludedCellsAreThoseToWhichAllSettingsApply) {
  const Made made = Make(R"(
    design {
      name: "d"
      grid { axes: [ "rank", "text", "prompts" ] }
      exclude {
        where { axis: "rank" value: "+2" }
        where { axis: "text" value: "ZERO" }
      }
      exclude { where { axis: "prompts" value: "SPARSE" }
                where { axis: "rank" value: "16" } }
    })");
  EXPECT_THAT(made.problems, IsEmpty());
  EXPECT_THAT(made.labels, ElementsAre("base", "text=ZERO", "rank=2",
                                       "rank=2 prompts=SPARSE"));
}

TEST(DesignsTest, AnAxisThatACellDoesNotSetHasTheValueOfTheBase) {
  EXPECT_THAT(Make("design { name: 'd' one_factor { axes: [ 'rank', 'text' ] }"
                   " exclude { where { axis: 'text' value: 'FULL' } } }")
                  .labels,
              ElementsAre("text=ZERO"));
}

TEST(DesignsTest, ExclusionsAreOfOneDesignOnly) {
  EXPECT_THAT(Make("design { name: 'd' one_factor { axes: 'rank' }"
                   " exclude { where { axis: 'rank' value: '2' } } }"
                   "design { name: 'e' one_factor { axes: 'rank' } }")
                  .labels,
              ElementsAre("base", "base", "rank=2"));
}

TEST(DesignsTest, AnExclusionThatIsASlipIsAProblem) {
  EXPECT_THAT(
      Make("design { name: 'd' grid { axes: 'rank' }"
           "  exclude {}"
           "  exclude { where { axis: 'rank' value: '3' } }"
           "  exclude { where { axis: 'rnk' value: '3' } } }"
           "design { name: 'e' grid { axes: 'rank' }"
           "  exclude { where { axis: 'text' value: 'FULL' } } }")
          .problems,
      ElementsAre(
          "design[0].exclude[0].where: is empty; that would exclude "
          "every cell",
          "design[0].exclude[1].where[0].value: is \"3\", but no cell of this "
          "design has that value of axis \"rank\"; it is 16, 2",
          "design[0].exclude[2].where[0].axis: is \"rnk\", which is not "
          "an axis; did you mean \"rank\"?",
          "design[1]: excludes all of its cells"));
}

TEST(DesignsTest, AnExcludedValueThatIsNoneSaysWhichThereAre) {
  EXPECT_THAT(
      Make("design { name: 'd' grid { axes: ['rank', 'text'] }"
           "  exclude { where { axis: 'text' value: 'ZRO' } }"
           "  exclude { where { axis: 'rank' value: 'two' } }"
           "  exclude { where { axis: 'rank' value: '166' } }"
           "  exclude { where { axis: 'prompts' value: 'SPARSE' } } }"
           "design { name: 'e' list {"
           "    cell { set { axis: 'rank' value: '2' } }"
           "    cell { set { axis: 'text' value: 'ZERO' } } }"
           "  exclude { where { axis: 'rank' value: '2' }"
           "            where { axis: 'text' value: 'ZERO' } } }")
          .problems,
      ElementsAre(
          "design[0].exclude[0].where[0].value: is \"ZRO\", no value of axis "
          "\"text\", which has FULL, ZERO; did you mean \"ZERO\"?",
          "design[0].exclude[1].where[0].value: is \"two\", no value of axis "
          "\"rank\", which has 16, 2",
          "design[0].exclude[2].where[0].value: is \"166\", but no cell of "
          "this design has that value of axis \"rank\"; it is 16, 2; did you "
          "mean \"16\"?",
          "design[0].exclude[3].where[0].value: is \"SPARSE\", but no cell of "
          "this design has that value of axis \"prompts\"; it is "
          "SPARSE_AND_DENSE in all of them, since the design does not vary it",
          // Each value is in some cell, both in none.
          "design[1].exclude[0]: excludes no cell of this design"));
}

TEST(DesignsTest, ASettingThatCannotMatterIsExcludedOrAProblem) {
  const std::string axis = R"(
    axis {
      name: "text_rank"
      field: "model.rsrefseg.siglip.text_lora.rank"
      values: [ "16", "2" ]
    })";
  const std::string grid =
      "design { name: 'd' grid { axes: [ 'text', 'text_rank' ] } ";
  EXPECT_THAT(
      Make(absl::StrCat(axis, grid, "}")).problems,
      ElementsAre("design[0].grid: sets text_rank to 2, but "
                  "model.rsrefseg.siglip.text_lora.rank has no effect with "
                  "text=ZERO; say in axis \"text_rank\" where it has one: "
                  "when { axis: \"text\" values: [\"FULL\"] }, and a grid "
                  "leaves it out elsewhere"));
  // Alone, the axis that gives it an effect is named.
  Experiment without_text = WithDesigns(
      absl::StrCat(axis,
                   "design { name: 'd' one_factor { axes: 'text_rank' "
                   "} }"));
  without_text.mutable_base()
      ->mutable_model()
      ->mutable_rsrefseg()
      ->mutable_siglip()
      ->set_text_tuning(SiglipSpec::ZERO);
  EXPECT_THAT(
      MakeFrom(without_text).problems,
      Contains("axis[3].values[1]: sets text_rank to 2, but "
               "model.rsrefseg.siglip.text_lora.rank has no effect in that "
               "run; it has one with text=FULL: vary both, in a grid { axes: "
               "[\"text\", \"text_rank\"] } or a list of cells"));
  const Made made = Make(absl::StrCat(axis, grid,
                                      "exclude {"
                                      "where { axis: 'text' value: 'ZERO' }"
                                      "where { axis: 'text_rank' value: '2' }"
                                      "} }"));
  EXPECT_THAT(made.problems, IsEmpty());
  EXPECT_THAT(made.labels, ElementsAre("base", "text_rank=2", "text=ZERO"));
}

TEST(DesignsTest, AHugeGridIsRefusedBeforeItIsMade) {
  Experiment experiment = WithDesigns(
      "design { name: 'd' grid { axes: [ 'rank', 'text', 'prompts' ] } }");
  for (int axis = 0; axis < 3; ++axis) {
    experiment.mutable_axis(axis)->clear_values();
    for (int i = 0; i < 1000; ++i) {
      experiment.mutable_axis(axis)->add_values(absl::StrCat(i));
    }
  }
  const Made made = MakeFrom(experiment);
  EXPECT_THAT(made.problems,
              ElementsAre(": asks for 1000000000 cells of 2 seeds, must be at "
                          "most 20000 runs"));
  EXPECT_THAT(made.labels, IsEmpty());
  // Exclusions do not make it smaller, and its size does not overflow.
  for (int i = 0; i < 40; ++i) {
    experiment.mutable_design(0)->mutable_grid()->add_axes("rank");
  }
  *experiment.mutable_design(0)->add_exclude()->add_where() =
      FromText<Setting>("axis: 'rank' value: '1'");
  EXPECT_THAT(MakeFrom(experiment).problems,
              ElementsAre(": asks for at least 1000000000000 cells of 2 seeds, "
                          "must be at most 20000 runs"));
}

TEST(DesignsTest, AnAxisDeclaredTwiceDoesNotHideTheSizeOfAGrid) {
  Experiment experiment =
      WithDesigns("design { name: 'd' grid { axes: 'rank' } }");
  for (int i = 0; i < 20'000; ++i) {
    experiment.mutable_axis(0)->add_values(absl::StrCat(100 + i));
  }
  *experiment.add_axis() = experiment.axis(1);
  experiment.mutable_axis(3)->set_name("rank");
  EXPECT_THAT(MakeFrom(experiment).problems,
              ElementsAre(": asks for 20002 cells of 2 seeds, must be at most "
                          "20000 runs"));
}

TEST(DesignsTest, ManyAxesOfOneValueAreTooManySettings) {
  Experiment experiment =
      WithDesigns("design { name: 'd' grid { axes: 'rank' } }");
  experiment.clear_seeds();
  for (int i = 0; i < 9'998; ++i) {
    experiment.mutable_axis(0)->add_values(absl::StrCat(100 + i));
  }
  for (int i = 0; i < 50; ++i) {
    experiment.mutable_design(0)->mutable_grid()->add_axes("text");
    experiment.mutable_axis(1)->clear_values();
    experiment.mutable_axis(1)->add_values("FULL");
  }
  // 10,000 cells of 51 axes, and 10,003 values, 3 axes, a design, a seed.
  EXPECT_THAT(MakeFrom(experiment).problems,
              ElementsAre(": has 530008 axes, values, cells, settings and "
                          "seeds, must be at most 200000"));
}

TEST(DesignsTest, ExclusionsAreLimited) {
  Experiment experiment =
      WithDesigns("design { name: 'd' grid { axes: 'rank' } }");
  for (int i = 0; i <= kMaxExclusionSettings; ++i) {
    *experiment.mutable_design(0)->add_exclude()->add_where() =
        FromText<Setting>("axis: 'rank' value: '2'");
  }
  EXPECT_THAT(MakeFrom(experiment).problems,
              ElementsAre("design[0].exclude: has 1001 settings, must be at "
                          "most 1000"));
}

TEST(DesignsTest, TheCountIsThatOfTheCells) {
  const std::map<absl::string_view, int64_t> values = {
      {"rank", 2}, {"text", 2}, {"prompts", 2}};
  for (const char* kind :
       {"grid { axes: [ 'rank', 'text', 'prompts' ] }",
        "zip { axes: [ 'rank', 'text' ] }", "list { cell {} }",
        "leave_one_out { without { axis: 'rank' value: '2' } }"}) {
    const Experiment experiment =
        WithDesigns(absl::StrCat("design { name: 'd' ", kind, " }"));
    EXPECT_THAT(MakeFrom(experiment).labels,
                SizeIs(CountDesign(experiment.design(0), values).cells))
        << kind;
  }
}

// rank applies only where text is FULL, and depth only where rank does and
// is 2.
constexpr char kDepth[] =
    "axis { name: 'depth' field: 'training.steps' values: ['3', '5', '6']"
    "       when { axis: 'rank' values: '2' } }";

Experiment WithConditions(absl::string_view designs) {
  Experiment experiment = WithDesigns(absl::StrCat(kDepth, designs));
  AxisCondition* const when = experiment.mutable_axis(0)->add_when();
  when->set_axis("text");
  when->add_values("FULL");
  return experiment;
}

TEST(DesignsTest, CellsInWhichAnAxisDoesNotApplyCollapse) {
  const Made made = MakeFrom(WithConditions(
      "design { name: 'd' grid { axes: ['text', 'rank', 'depth'] } }"));
  EXPECT_THAT(made.problems, IsEmpty());
  // text=FULL: rank 16 without depth, rank 2 with three; text=ZERO: one.
  EXPECT_THAT(made.labels,
              ElementsAre("base", "rank=2 depth=3", "rank=2 depth=5",
                          "rank=2 depth=6", "text=ZERO"));
}

TEST(DesignsTest, AZipLeavesOutWhatDoesNotApply) {
  const Made made = MakeFrom(
      WithConditions("design { name: 'd' zip { axes: ['text', 'rank'] } }"));
  EXPECT_THAT(made.problems, IsEmpty());
  EXPECT_THAT(made.labels, ElementsAre("base", "text=ZERO"));
}

TEST(DesignsTest, AddOneLeavesOutWhatDoesNotApply) {
  const Made made = MakeFrom(
      WithConditions("design { name: 'd' add_one {"
                     "  without { axis: 'text' value: 'ZERO' }"
                     "  without { axis: 'rank' value: '2' }"
                     "  without { axis: 'prompts' value: 'SPARSE' } } }"));
  EXPECT_THAT(made.problems, IsEmpty());
  // rank does not apply at text=ZERO: adding it to nothing adds nothing.
  EXPECT_THAT(made.labels,
              ElementsAre("text=ZERO prompts=SPARSE", "rank=2 prompts=SPARSE",
                          "text=ZERO", "base"));
}

TEST(DesignsTest, AskingForAnAxisWhereItDoesNotApplyIsAProblem) {
  EXPECT_THAT(
      MakeFrom(WithConditions("design { name: 'a' one_factor {"
                              "  axes: ['rank', 'depth'] } }"
                              "design { name: 'b' leave_one_out {"
                              "  without { axis: 'depth' value: '7' } } }"
                              "design { name: 'c' list { cell {"
                              "  set { axis: 'rank' value: '2' }"
                              "  set { axis: 'text' value: 'ZERO' } } } }"
                              "design { name: 'd' grid {"
                              "  axes: ['text', 'depth'] } }"))
          .problems,
      ElementsAre(
          "design[0].one_factor.axes[1]: is \"depth\", which applies "
          "only where rank is 2, and so not in the base; use grid { axes: "
          "[\"rank\", \"depth\"] } or a list of cells, which set both",
          "design[1].leave_one_out.without[0].axis: is \"depth\", which "
          "applies only where rank is 2, and so not in the base; use grid { "
          "axes: [\"rank\", \"depth\"] } or a list of cells, which set both",
          "design[2].list.cell[0]: sets rank to 2, but rank applies "
          "only where text is FULL; say set { axis: \"text\" value: "
          "\"FULL\" } in this cell",
          "design[3]: varies depth, which applies only where rank is "
          "2: in none of its cells; vary them together, as in axes: "
          "[\"rank\", \"depth\"]"));
}

TEST(DesignsTest, ExclusionsFitOnlyWhereTheirAxesApply) {
  const Made made = MakeFrom(WithConditions(
      "design { name: 'd' grid { axes: ['text', 'rank'] }"
      "         exclude { where { axis: 'rank' value: '16' } } }"));
  EXPECT_THAT(made.problems, IsEmpty());
  EXPECT_THAT(made.labels, ElementsAre("rank=2", "text=ZERO"));
}

}  // namespace
}  // namespace transect
