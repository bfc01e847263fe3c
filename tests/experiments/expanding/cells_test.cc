#include "experiments/expanding/cells.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/made_cells.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/proto_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

TEST(CellsTest, OneFactorIsTheBaseAndEveryOtherValueAlone) {
  const MadeCells made = Make(SampleExperiment());
  EXPECT_THAT(made.problems, IsEmpty());
  ASSERT_THAT(made.table.designs, SizeIs(1));
  const DesignSpec& design = made.table.designs[0];
  EXPECT_EQ(design.name, "adapters");
  EXPECT_THAT(Labels(design),
              ElementsAre("base", "rank=2", "text=ZERO", "prompts=SPARSE"));
  EXPECT_TRUE(design.cells[0].is_base);
  EXPECT_FALSE(design.cells[1].is_base);
  EXPECT_THAT(design.cells[1].settings, ElementsAre(Pair("rank", "2")));
  EXPECT_THAT(made.table.axes,
              ElementsAre(Field(&CheckedAxis::name, "rank"),
                          Field(&CheckedAxis::name, "text"),
                          Field(&CheckedAxis::name, "prompts")));
  EXPECT_THAT(made.table.base_settings,
              ElementsAre(Pair("rank", "16"), Pair("text", "FULL"),
                          Pair("prompts", "SPARSE_AND_DENSE")));
  EXPECT_THAT(made.table.seeds, ElementsAre(1, 2));
}

TEST(CellsTest, RunsOfCellsAreResolvedWithTheirSettings) {
  const MadeCells made = Make(SampleExperiment());
  RunSpec expected = SampleRunFromTrained();
  EXPECT_THAT(made.table.designs[0].cells[0].run, EqualsProto(made.table.base));
  expected.mutable_model()
      ->mutable_rsrefseg()
      ->mutable_sam()
      ->mutable_lora()
      ->set_rank(2);
  ResolveRun(&expected);
  EXPECT_THAT(made.table.designs[0].cells[1].run, EqualsProto(expected));
}

TEST(CellsTest, TheBaseNeedNotBeAmongTheValues) {
  Experiment experiment = SampleExperiment();
  experiment.mutable_axis(0)->clear_values();
  experiment.mutable_axis(0)->add_values("8");
  experiment.mutable_axis(0)->add_values("4");
  const MadeCells made = Make(experiment);
  EXPECT_THAT(
      Labels(made.table.designs[0]),
      ElementsAre("base", "rank=8", "rank=4", "text=ZERO", "prompts=SPARSE"));
}

TEST(CellsTest, AListHasItsCellsInTheirOrder) {
  const MadeCells made = Make(WithDesigns(R"pb(
    design {
      name: "few"
      list {
        cell {
          set { axis: "text" value: "ZERO" }
          set { axis: "rank" value: "3" }
        }
        cell {}
        cell {
          name: "small"
          set { axis: "rank" value: "2" }
        }
        cell {
          name: "default"
          set { axis: "rank" value: "+16" }
          set { axis: "prompts" value: "DENSE" }
        }
      }
    }
  )pb"));
  EXPECT_THAT(made.problems, IsEmpty());
  const std::vector<CellSpec>& cells = made.table.designs[0].cells;
  EXPECT_THAT(Labels(made.table.designs[0]),
              ElementsAre("rank=3 text=ZERO", "base", "small", "default"));
  EXPECT_THAT(cells[0].settings,
              ElementsAre(Pair("rank", "3"), Pair("text", "ZERO")));
  EXPECT_TRUE(cells[1].is_base);
  EXPECT_THAT(cells[2].settings, ElementsAre(Pair("rank", "2")));
  EXPECT_THAT(cells[3].settings, ElementsAre(Pair("prompts", "DENSE")));
}

TEST(CellsTest, ASettingThatIsTheBasesMakesTheBase) {
  const MadeCells made =
      Make(WithDesigns("design { name: 'd' list { cell { name: 'usual' "
                       "set { axis: 'rank' value: '16' } } } }"));
  ASSERT_THAT(made.table.designs[0].cells, SizeIs(1));
  EXPECT_TRUE(made.table.designs[0].cells[0].is_base);
  EXPECT_EQ(made.table.designs[0].cells[0].label, "usual");
}

TEST(CellsTest, WithoutADesignThereIsTheBase) {
  const MadeCells made = Make(WithDesigns(""));
  EXPECT_THAT(made.problems, IsEmpty());
  ASSERT_THAT(made.table.designs, SizeIs(1));
  EXPECT_EQ(made.table.designs[0].name, "sample");
  EXPECT_THAT(Labels(made.table.designs[0]), ElementsAre("base"));
}

TEST(CellsTest, WithoutSeedsThereIsThatOfTheBase) {
  Experiment experiment = SampleExperiment();
  experiment.clear_seeds();
  experiment.mutable_base()->set_seed(7);
  const MadeCells made = Make(experiment);
  EXPECT_THAT(made.problems, IsEmpty());
  EXPECT_THAT(made.table.seeds, ElementsAre(7));
}

TEST(CellsTest, ASettingWithoutEffectIsAProblem) {
  Experiment experiment = WithDesigns(R"pb(
    axis {
      name: "text_rank"
      field: "model.rsrefseg.siglip.text_lora.rank"
      values: [ "2" ]
    }
    design {
      name: "d"
      list {
        cell {
          set { axis: "text" value: "ZERO" }
          set { axis: "text_rank" value: "2" }
        }
        cell { set { axis: "text_rank" value: "2" } }
      }
    }
  )pb");
  const MadeCells made = Make(experiment);
  EXPECT_THAT(
      made.problems,
      ElementsAre("design[0].list.cell[0]: sets text_rank to 2, but "
                  "model.rsrefseg.siglip.text_lora.rank has no effect with "
                  "text=ZERO; say in axis \"text_rank\" where it has one: "
                  "when { axis: \"text\" values: [\"FULL\"] }, and a grid "
                  "leaves it out elsewhere"));
  EXPECT_THAT(Labels(made.table.designs[0]), ElementsAre("text_rank=2"));
}

TEST(CellsTest, OneCellTwiceIsAProblem) {
  const MadeCells made = Make(WithDesigns(R"pb(
    design {
      name: "d"
      list {
        cell {
          name: "a"
          set { axis: "rank" value: "2" }
        }
        cell {
          name: "b"
          set { axis: "rank" value: "2" }
          set { axis: "text" value: "FULL" }
        }
      }
    }
  )pb"));
  EXPECT_THAT(made.problems,
              ElementsAre("design[0].list.cell[1]: cell b is the same run as "
                          "cell a"));
}

TEST(CellsTest, AnAxisThatEntersAnotherMemberOfAOneofIsAProblem) {
  Experiment experiment = WithDesigns(R"pb(
    axis {
      name: "role"
      field: "data.found.role"
      values: [ "rrsisd" ]
    }
    design {
      name: "d"
      one_factor { axes: [ "role" ] }
    }
  )pb");
  EXPECT_THAT(Make(experiment).problems,
              ElementsAre("axis[3].values[0]: \"data.found.role\" "
                          "enters \"found\", but source is \"synthesis\" "
                          "here"));
}

TEST(CellsTest, AllProblemsOfAFileAreFoundAtOnce) {
  Experiment experiment = WithDesigns(R"pb(
    design { name: "a" }
    design {
      name: "a"
      one_factor {}
    }
    design {
      name: ""
      one_factor { axes: [ "rnk", "rank", "rank" ] }
    }
    design {
      name: "l"
      list {}
    }
    design {
      name: "m"
      list {
        cell {
          set { axis: "rank" value: "two" }
          set { axis: "txt" value: "ZERO" }
          set { axis: "text" value: "ZERO" }
          set { axis: "text" value: "HALF" }
        }
      }
    }
  )pb");
  experiment.set_name("my experiment");
  experiment.mutable_base()->set_seed(3);
  experiment.add_seeds(2);
  EXPECT_THAT(
      Make(experiment).problems,
      ElementsAre(
          "name: is \"my experiment\", must be 1 to 64 letters, digits, '_' "
          "and '-'",
          "base.seed: is set, but `seeds` sets it for every run; say one",
          "seeds[2]: is 2, a seed given before it",
          "design[0]: has no kind; say one_factor, leave_one_out, add_one, "
          "grid, zip or list",
          "design[1].name: is \"a\", the name of a design before it",
          "design[1].one_factor.axes: is empty",
          "design[2].name: is \"\", must be 1 to 64 letters, digits, '_' and "
          "'-'",
          "design[2].one_factor.axes[0]: is \"rnk\", which is not an axis; did "
          "you "
          "mean \"rank\"?",
          "design[2].one_factor.axes[2]: is \"rank\", given before it",
          "design[3].list.cell: is empty",
          "design[4].list.cell[0].set[0].value: is \"two\", no value of axis "
          "\"rank\", which has 16, 2",
          "design[4].list.cell[0].set[1].axis: is \"txt\", which is not an "
          "axis; "
          "did you mean \"text\"?",
          "design[4].list.cell[0].set[3].axis: is \"text\", given before "
          "it"));
}

TEST(CellsTest, AnAxisWithoutValuesIsForListsOnly) {
  Experiment experiment = SampleExperiment();
  experiment.mutable_axis(0)->clear_values();
  EXPECT_THAT(Make(experiment).problems,
              ElementsAre("design[0].one_factor.axes[0]: is \"rank\", which "
                          "has no values"));
}

TEST(CellsTest, AnExperimentWithoutABaseIsAProblem) {
  Experiment experiment = FromText<Experiment>("name: 'x'");
  EXPECT_THAT(Make(experiment).problems,
              ElementsAre("base: is absent; every cell departs from it"));
}

TEST(CellsTest, TooManyRunsAreRefusedBeforeTheyAreMade) {
  Experiment experiment = SampleExperiment();
  for (int i = 0; i < 200'000; ++i) {
    experiment.mutable_axis(0)->add_values(absl::StrCat(i + 100));
  }
  experiment.clear_seeds();
  for (int i = 0; i < 100'000; ++i) {
    experiment.add_seeds(i);
  }
  const MadeCells made = Make(experiment);
  EXPECT_THAT(made.problems,
              ElementsAre(": asks for 200007 cells of 100000 seeds, must be at "
                          "most 20000 runs"));
  EXPECT_THAT(made.table.designs, IsEmpty());
}

TEST(CellsTest, ListsLongerThanTheRunsNeedAreRefused) {
  Experiment many_axes = SampleExperiment();
  for (int i = 0; i < 1000; ++i) {
    *many_axes.add_axis() = many_axes.axis(0);
  }
  EXPECT_THAT(Make(many_axes).problems,
              ElementsAre("axis: has 1003 entries, must be at most 1000"));
  Experiment many_values = WithDesigns("");
  for (int i = 0; i < 200'000; ++i) {
    many_values.mutable_axis(0)->add_values("x");
  }
  EXPECT_THAT(Make(many_values).problems,
              ElementsAre(": has 200011 axes, values, cells, settings and "
                          "seeds, must be at most 200000"));
}

TEST(CellsTest, StopsWhereThereAreManyProblems) {
  Experiment experiment = SampleExperiment();
  CellList* list = experiment.add_design()->mutable_list();
  for (int i = 0; i < 3000; ++i) {
    list->add_cell()->add_set()->set_axis("nothing");
  }
  EXPECT_THAT(Make(experiment).problems, SizeIs(kManyProblems));
}

TEST(CellsTest, CellsKnowWhereTheyAreAskedFor) {
  const MadeCells made =
      Make(WithDesigns("design { name: 'a' one_factor { axes: 'text' } }"
                       "design { name: 'b' list { cell { set { axis: 'rank' "
                       "value: '2' } } } }"));
  EXPECT_EQ(made.table.designs[0].cells[0].field, "design[0]");
  EXPECT_EQ(made.table.designs[0].cells[1].field, "axis[1].values[1]");
  EXPECT_EQ(made.table.designs[1].cells[0].field, "design[1].list.cell[0]");
}

TEST(CellsTest, AnAxisThatDoesNotApplyHasNoValue) {
  const MadeCells made = Make(WithDesigns(R"pb(
    axis {
      name: "text_rank"
      field: "model.rsrefseg.siglip.text_lora.rank"
      values: [ "16", "4" ]
      when {
        axis: "text"
        values: [ "HALF", "FULL" ]
      }
    }
    design {
      name: "d"
      grid { axes: [ "text", "text_rank" ] }
    }
  )pb"));
  EXPECT_THAT(made.problems, IsEmpty());
  EXPECT_THAT(Labels(made.table.designs[0]),
              ElementsAre("base", "text_rank=4", "text=ZERO"));
  EXPECT_THAT(made.table.designs[0].cells[1].without, IsEmpty());
  EXPECT_THAT(made.table.designs[0].cells[2].without, ElementsAre("text_rank"));
}

TEST(CellsTest, TheOrderOfAxesAndDesignsChangesNoRun) {
  Experiment experiment = WithDesigns(R"pb(
    design {
      name: "a"
      one_factor { axes: [ "rank", "text" ] }
    }
    design {
      name: "b"
      list {
        cell {
          set { axis: "prompts" value: "DENSE" }
          set { axis: "rank" value: "2" }
        }
      }
    }
  )pb");
  Experiment reversed = experiment;
  std::reverse(reversed.mutable_axis()->begin(),
               reversed.mutable_axis()->end());
  std::reverse(reversed.mutable_design()->begin(),
               reversed.mutable_design()->end());
  const auto runs = [](const CellTable& table) {
    std::vector<std::string> runs;
    for (const DesignSpec& design : table.designs) {
      for (const CellSpec& cell : design.cells) {
        runs.push_back(cell.run.DebugString());
      }
    }
    std::sort(runs.begin(), runs.end());
    return runs;
  };
  EXPECT_EQ(runs(Make(experiment).table), runs(Make(reversed).table));
}

}  // namespace
}  // namespace transect
