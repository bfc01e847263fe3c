// Axes of options: values that set several fields together.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "experiments/expanding/cells.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/made_cells.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

// An axis of options beside those of SampleExperiment.
constexpr char kStart[] = R"pb(
  axis {
    name: "start"
    option { name: "trained" }
    option {
      name: "drawn"
      set {
        weights { random {} }
        training {
          steps: 7
          optimizer { lr: 1e-3 }
        }
      }
    }
    option {
      name: "slow"
      set { training { optimizer { lr: 1e-5 } } }
    }
  }
)pb";

TEST(OptionAxesTest, AnOptionSetsSeveralFieldsTogetherAndSwitchesAOneof) {
  const MadeCells made = Make(WithDesigns(absl::StrCat(
      kStart, "design { name: 'd' one_factor { axes: 'start' } }")));
  EXPECT_THAT(made.problems, IsEmpty());
  const std::vector<CellSpec>& cells = made.table.designs[0].cells;
  EXPECT_THAT(Labels(made.table.designs[0]),
              ElementsAre("base", "start=drawn", "start=slow"));
  EXPECT_THAT(made.table.base_settings,
              ::testing::Contains(Pair("start", "trained")));
  EXPECT_TRUE(cells[1].run.weights().has_random());
  EXPECT_EQ(cells[1].run.training().steps(), 7);
  EXPECT_EQ(cells[1].run.training().optimizer().lr(), 1e-3);
  EXPECT_EQ(cells[1].run.training().global_batch(), 4);
  EXPECT_THAT(cells[1].settings, ElementsAre(Pair("start", "drawn")));
  EXPECT_EQ(cells[1].field, "axis[3].option[1]");
  EXPECT_TRUE(cells[2].run.weights().has_trained());
}

TEST(OptionAxesTest, OptionsCrossWithOtherAxes) {
  const MadeCells made = Make(WithDesigns(absl::StrCat(
      kStart, "design { name: 'd' grid { axes: ['rank', 'start'] } }")));
  EXPECT_THAT(made.problems, IsEmpty());
  EXPECT_THAT(Labels(made.table.designs[0]),
              ElementsAre("base", "start=drawn", "start=slow", "rank=2",
                          "rank=2 start=drawn", "rank=2 start=slow"));
}

TEST(OptionAxesTest, AnUnknownOptionIsAProblem) {
  EXPECT_THAT(
      Make(WithDesigns(absl::StrCat(kStart,
                                    "design { name: 'd' list { cell { set { "
                                    "axis: 'start' value: 'drawm' } } } }")))
          .problems,
      ElementsAre(
          "design[0].list.cell[0].set[0].value: \"drawm\" is not an option "
          "of axis \"start\"; did you mean \"drawn\"?"));
}

TEST(OptionAxesTest, TwoSettingsOfOneFieldInOneCellAreAProblem) {
  const MadeCells made = Make(WithDesigns(
      absl::StrCat(kStart,
                   "axis { name: 'lr' field: 'training.optimizer.lr' }"
                   "axis { name: 'size' option { name: 'small' set { weights "
                   "{ trained {} } } } }"
                   "design { name: 'd' list {"
                   "  cell { set { axis: 'start' value: 'slow' }"
                   "         set { axis: 'lr' value: '3' } }"
                   "  cell { set { axis: 'size' value: 'small' }"
                   "         set { axis: 'start' value: 'drawn' } } } }")));
  EXPECT_THAT(made.problems,
              ElementsAre("design[0].list.cell[0]: sets training.optimizer.lr "
                          "twice, by start=slow and by lr=3",
                          "design[0].list.cell[1]: sets weights.source twice, "
                          "by start=drawn and by size=small"));
}

TEST(OptionAxesTest, WhatAnotherAxisBringsAboutIsAmongTheSettings) {
  const MadeCells made = Make(WithDesigns(
      absl::StrCat(kStart,
                   "axis { name: 'lr' field: 'training.optimizer.lr' }"
                   "design { name: 'd' list {"
                   "  cell { set { axis: 'start' value: 'slow' } }"
                   "  cell { set { axis: 'lr' value: '1e-5' } } } }")));
  ASSERT_THAT(made.table.designs[0].cells, SizeIs(1));
  const CellSpec& slow = made.table.designs[0].cells[0];
  EXPECT_EQ(slow.label, "start=slow");
  EXPECT_THAT(slow.settings,
              ElementsAre(Pair("start", "slow"), Pair("lr", "1e-05")));
  EXPECT_THAT(made.problems,
              ElementsAre("design[0].list.cell[1]: cell lr=1e-05 is the same "
                          "run as cell start=slow"));
}

}  // namespace
}  // namespace transect
