#include "experiments/expanding/expand.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/textproto.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAreArray;

Expansion Expanded(const Experiment& experiment) {
  absl::StatusOr<Expansion> expansion = Expand(experiment, {});
  EXPECT_THAT(expansion, IsOk());
  return expansion.ok() ? *std::move(expansion) : Expansion();
}

TEST(ExpandTest, EveryCellHasARunPerSeed) {
  const Expansion expansion = Expanded(SampleExperiment());
  EXPECT_EQ(expansion.name, "sample");
  EXPECT_EQ(expansion.title, "A sample");
  EXPECT_THAT(expansion.seeds, ElementsAre(1, 2));
  EXPECT_THAT(expansion.axes,
              ElementsAre(Field(&CheckedAxis::name, "rank"),
                          Field(&CheckedAxis::name, "text"),
                          Field(&CheckedAxis::name, "prompts")));
  ASSERT_THAT(expansion.designs, SizeIs(1));
  ASSERT_THAT(expansion.designs[0].cells, SizeIs(4));
  EXPECT_THAT(expansion.runs, SizeIs(8));
  for (int i = 0; i < 4; ++i) {
    const Cell& cell = expansion.designs[0].cells[i];
    EXPECT_THAT(cell.runs, ElementsAre(2 * i, 2 * i + 1));
    EXPECT_EQ(cell.is_base, i == 0);
    EXPECT_EQ(expansion.runs[cell.runs[0]].seed(), 1);
    EXPECT_EQ(expansion.runs[cell.runs[1]].seed(), 2);
  }
  EXPECT_EQ(expansion.designs[0].cells[1].label, "rank=2");
}

// SAM with the true boxes on weights that a training makes: no seed enters.
TEST(ExpandTest, SeedsOfARunThatNothingRandomEntersAreOneRun) {
  const Experiment experiment = FromText<Experiment>(R"pb(
    name: "oracle"
    base {
      model { sam_oracle_box { sam { variant: TINY } } }
      data { synthesis { image_size: 64 train_images: 20 val_images: 10 } }
      tokenizer {
        sentencepiece {
          vocab_size: 64
          corpus { image_size: 64 train_images: 20 val_images: 10 }
        }
      }
      weights {
        trained {
          run {
            model {
              sam_oracle_box {
                sam { variant: TINY }
                tuning: ALL
              }
            }
            data { synthesis { image_size: 64 train_images: 20 } }
            weights { random {} }
            training { steps: 2 global_batch: 4 }
          }
        }
      }
      training { steps: 0 }
    }
    seeds: [ 7, 8, 9 ]
  )pb");
  const Expansion expansion = Expanded(experiment);
  ASSERT_THAT(expansion.runs, SizeIs(1));
  EXPECT_FALSE(expansion.runs[0].has_seed());
  EXPECT_THAT(expansion.designs[0].cells[0].runs, ElementsAre(0, 0, 0));
  EXPECT_THAT(expansion.seeds, ElementsAre(7, 8, 9));
}

TEST(ExpandTest, RunsAreResolvedAndDistinct) {
  const Expansion expansion = Expanded(SampleExperiment());
  ASSERT_EQ(expansion.spec_ids.size(), expansion.runs.size());
  ASSERT_EQ(expansion.reads.size(), expansion.runs.size());
  EXPECT_THAT(std::set<std::string>(expansion.spec_ids.begin(),
                                    expansion.spec_ids.end()),
              SizeIs(expansion.runs.size()));
  for (size_t i = 0; i < expansion.runs.size(); ++i) {
    RunSpec again = expansion.runs[i];
    ResolveRun(&again);
    EXPECT_THAT(again, EqualsProto(expansion.runs[i]));
    EXPECT_THAT(RunId(again, expansion.reads[i]),
                IsOkAndHolds(expansion.spec_ids[i]));
  }
}

TEST(ExpandTest, DesignsShareRuns) {
  Experiment experiment = SampleExperiment();
  experiment.clear_design();
  experiment.MergeFrom(FromText<Experiment>(R"pb(
    design {
      name: "a"
      one_factor { axes: [ "rank", "text" ] }
    }
    design {
      name: "b"
      one_factor { axes: [ "prompts" ] }
    }
    design {
      name: "c"
      list {
        cell {
          name: "small"
          set { axis: "rank" value: "2" }
        }
        cell { set { axis: "rank" value: "4" } }
      }
    }
  )pb"));
  const Expansion expansion = Expanded(experiment);
  // base, rank=2, text=ZERO; prompts=SPARSE; rank=4.
  EXPECT_THAT(expansion.runs, SizeIs(2 * 5));
  const std::vector<DesignCells>& designs = expansion.designs;
  EXPECT_EQ(designs[1].cells[0].runs, designs[0].cells[0].runs);
  EXPECT_TRUE(designs[1].cells[0].is_base);
  EXPECT_EQ(designs[2].cells[0].runs, designs[0].cells[1].runs);
  EXPECT_EQ(designs[2].cells[0].label, "small");
}

TEST(ExpandTest, InputsAreListedOnceInTheOrderOfTheirMaking) {
  const Expansion expansion = Expanded(SampleExperiment());
  std::vector<std::string> kinds;
  std::set<std::string> made;
  for (const Input& input : expansion.inputs) {
    kinds.emplace_back(KindName(input.kind));
    for (const std::string& read : input.reads.all()) {
      EXPECT_EQ(made.count(read), 1) << read;
    }
    EXPECT_TRUE(made.insert(input.identity).second);
  }
  EXPECT_THAT(kinds, ElementsAre("data", "tokenizer", "data", "weights"));
  for (int run = 0; run < 8; ++run) {
    EXPECT_THAT(InputsOfRun(expansion, run), ElementsAre(0, 1, 2, 3));
  }
}

TEST(ExpandTest, ARunNeedsItsOwnInputsOnly) {
  Experiment experiment = SampleExperiment();
  experiment.clear_axis();
  experiment.clear_design();
  experiment.MergeFrom(FromText<Experiment>(R"pb(
    axis {
      name: "data"
      field: "data.synthesis.seed"
      values: [ "5" ]
    }
    design {
      name: "d"
      one_factor { axes: [ "data" ] }
    }
  )pb"));
  const Expansion expansion = Expanded(experiment);
  ASSERT_THAT(expansion.inputs, SizeIs(5));
  EXPECT_THAT(InputsOfRun(expansion, 0), ElementsAre(0, 1, 2, 3));
  // The corpus stays, and so do the weights; its own data is new.
  EXPECT_THAT(InputsOfRun(expansion, 2), ElementsAre(0, 1, 2, 3, 4));
}

TEST(ExpandTest, TheOrderInTheFileChangesNoId) {
  Experiment experiment = SampleExperiment();
  experiment.MergeFrom(FromText<Experiment>(
      "design { name: 'other' one_factor { axes: ['prompts', 'rank'] } }"));
  Experiment reversed = experiment;
  std::reverse(reversed.mutable_axis()->begin(),
               reversed.mutable_axis()->end());
  std::reverse(reversed.mutable_design()->begin(),
               reversed.mutable_design()->end());
  std::reverse(reversed.mutable_seeds()->begin(),
               reversed.mutable_seeds()->end());
  EXPECT_THAT(Expanded(reversed).spec_ids,
              UnorderedElementsAreArray(Expanded(experiment).spec_ids));
}

TEST(ExpandTest, TheSpellingOfAValueChangesNoId) {
  Experiment experiment = SampleExperiment();
  experiment.mutable_axis(0)->set_field("training.optimizer.lr");
  experiment.mutable_axis(0)->clear_values();
  experiment.mutable_axis(0)->add_values("0.5");
  Experiment respelled = experiment;
  respelled.mutable_axis(0)->set_values(0, "5e-1");
  EXPECT_EQ(Expanded(respelled).spec_ids, Expanded(experiment).spec_ids);
  EXPECT_EQ(Expanded(respelled).designs[0].cells[1].label, "rank=0.5");
}

TEST(ExpandTest, NamesAndTitlesChangeNoId) {
  Experiment experiment = SampleExperiment();
  experiment.set_title("Another");
  experiment.set_name("another");
  experiment.mutable_design(0)->set_name("another");
  EXPECT_EQ(Expanded(experiment).spec_ids,
            Expanded(SampleExperiment()).spec_ids);
}

TEST(ExpandTest, FoundInputsThatAreNotHashedLeaveIdsPending) {
  Experiment experiment = SampleExperiment();
  experiment.mutable_base()->mutable_data()->mutable_found()->set_role("r");
  const Expansion pending = Expanded(experiment);
  EXPECT_THAT(pending.runs, SizeIs(8));
  for (const std::string& id : pending.spec_ids) {
    EXPECT_TRUE(IsPending(id));
  }
  ASSERT_OK_AND_ASSIGN(const Expansion known,
                       Expand(experiment, {{"data/r", "1"}}));
  EXPECT_THAT(known.runs, SizeIs(8));
  for (const std::string& id : known.spec_ids) {
    EXPECT_FALSE(IsPending(id));
  }
}

// What Expand with the contents gives.
void ExpectSame(const Expansion& actual, const Expansion& expected) {
  EXPECT_EQ(actual.spec_ids, expected.spec_ids);
  EXPECT_EQ(actual.reads, expected.reads);
  ASSERT_EQ(actual.runs.size(), expected.runs.size());
  for (size_t i = 0; i < actual.runs.size(); ++i) {
    EXPECT_THAT(actual.runs[i], EqualsProto(expected.runs[i]));
  }
  ASSERT_EQ(actual.inputs.size(), expected.inputs.size());
  for (size_t i = 0; i < actual.inputs.size(); ++i) {
    EXPECT_EQ(actual.inputs[i].identity, expected.inputs[i].identity);
  }
  ASSERT_EQ(actual.designs.size(), expected.designs.size());
  for (size_t d = 0; d < actual.designs.size(); ++d) {
    const std::vector<Cell>& cells = expected.designs[d].cells;
    ASSERT_EQ(actual.designs[d].cells.size(), cells.size());
    for (size_t i = 0; i < cells.size(); ++i) {
      EXPECT_EQ(actual.designs[d].cells[i].runs, cells[i].runs);
      EXPECT_EQ(actual.designs[d].cells[i].label, cells[i].label);
    }
  }
}

TEST(IdentifyTest, GivesWhatExpandGivesWithTheContents) {
  Experiment experiment = SampleExperiment();
  experiment.mutable_base()->mutable_data()->mutable_found()->set_role("r");
  const InputIdentities found = {{"data/r", "content"}};
  ASSERT_OK_AND_ASSIGN(const Expansion expected, Expand(experiment, found));
  ASSERT_OK_AND_ASSIGN(const Expansion known,
                       Identify(Expanded(experiment), found));
  ExpectSame(known, expected);
  ASSERT_OK_AND_ASSIGN(const Expansion again, Identify(known, found));
  ExpectSame(again, expected);
}

// With an axis over the roles "r" and "copy", and no design.
Experiment OverTwoRoles() {
  Experiment experiment = SampleExperiment();
  experiment.mutable_base()->mutable_data()->mutable_found()->set_role("r");
  experiment.clear_axis();
  experiment.clear_design();
  Axis* const axis = experiment.add_axis();
  axis->set_name("data");
  axis->set_field("data.found.role");
  axis->add_values("r");
  axis->add_values("copy");
  return experiment;
}

TEST(IdentifyTest, RunsThatReadTheSameContentBecomeOne) {
  Experiment experiment = OverTwoRoles();
  Design* const design = experiment.add_design();
  design->set_name("d");
  design->mutable_grid()->add_axes("data");
  const Expansion pending = Expanded(experiment);
  ASSERT_THAT(pending.runs, SizeIs(4));
  ASSERT_OK_AND_ASSIGN(
      const Expansion same,
      Identify(pending, {{"data/r", "content"}, {"data/copy", "content"}}));
  EXPECT_THAT(same.runs, SizeIs(2));
  ASSERT_THAT(same.designs[0].cells, SizeIs(2));
  EXPECT_THAT(same.designs[0].cells[0].runs, ElementsAre(0, 1));
  EXPECT_THAT(same.designs[0].cells[1].runs, ElementsAre(0, 1));
  ASSERT_OK_AND_ASSIGN(
      const Expansion other,
      Identify(pending, {{"data/r", "content"}, {"data/copy", "other"}}));
  EXPECT_THAT(other.runs, SizeIs(4));
}

// Before a command hashes, it forgets what it knew: two roles of one content
// are one input while the content is known.
TEST(IdentifyTest, WithoutContentsEveryRoleIsAnInputAgain) {
  Experiment experiment = OverTwoRoles();
  Axis* const rank = experiment.add_axis();
  rank->set_name("rank");
  rank->set_field("model.rsrefseg.sam.lora.rank");
  rank->add_values("16");
  rank->add_values("8");
  Design* const design = experiment.add_design();
  design->set_name("d");
  design->mutable_grid()->add_axes("data");
  design->mutable_grid()->add_axes("rank");
  const auto data_roles = [](const Expansion& expansion) {
    std::vector<std::string> roles;
    for (const Input& input : expansion.inputs) {
      if (input.kind == InputKind::kData && !input.made()) {
        roles.push_back(input.role);
      }
    }
    return roles;
  };
  ASSERT_OK_AND_ASSIGN(Expansion known, Identify(Expanded(experiment),
                                                 {{"data/r", "content"},
                                                  {"data/copy", "content"}}));
  EXPECT_THAT(data_roles(known), ElementsAre("r"));
  // A run that only the second role has, as a filter of cells would leave it.
  known.runs[1].mutable_data()->mutable_found()->set_role("copy");
  ASSERT_OK_AND_ASSIGN(const Expansion pending, Identify(std::move(known), {}));
  EXPECT_THAT(data_roles(pending), ElementsAre("r", "copy"));
}

TEST(ExpandTest, AllProblemsComeInOneError) {
  Experiment experiment = SampleExperiment();
  experiment.mutable_axis(0)->set_field("model.rsrefseg.sam.lora.rnk");
  experiment.mutable_base()->mutable_training()->set_ranks(3);
  EXPECT_THAT(
      Expand(experiment, {}),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(StartsWith("axis[0].field: "),
                     HasSubstr("did you mean \"rank\"?"),
                     HasSubstr("\nbase.training.global_batch: is 4, must be a "
                               "multiple of logical_shards, 3"))));
}

TEST(ExpandTest, ProblemsHaveTheirPlace) {
  Experiment experiment = SampleExperiment();
  experiment.mutable_axis(1)->set_values(1, "ZERRO");
  ASSERT_OK_AND_ASSIGN(
      const SourceMap sources,
      SourceMap::Make(PrintTextproto(experiment), "e.textproto", experiment));
  EXPECT_THAT(
      Expand(experiment, {}, &sources),
      StatusIs(absl::StatusCode::kInvalidArgument,
               testing::MatchesRegex("e.textproto:[0-9]+:3: axis.1..values.1.: "
                                     "\"ZERRO\" is no TextTuning; did you mean "
                                     "\"ZERO\".")));
}

TEST(PrintResolvedTest, ReadsBackAsTheRun) {
  const Expansion expansion = Expanded(SampleExperiment());
  const std::string text = PrintResolved(expansion, 3);
  EXPECT_THAT(text, HasSubstr(absl::StrCat("# id: ", expansion.spec_ids[3])));
  EXPECT_THAT(
      text, HasSubstr(absl::StrCat("# weights: ", expansion.inputs[3].identity,
                                   " (made)")));
  RunSpec run;
  ASSERT_THAT(ParseTextproto(text, "printed", &run), IsOk());
  EXPECT_THAT(run, EqualsProto(expansion.runs[3]));
}

}  // namespace
}  // namespace transect
