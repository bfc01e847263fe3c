// Every experiment in experiments/ can be run as it stands, and asks for as
// many runs as it did when it was looked at last.
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "experiments/expanding/expand.h"
#include "experiments/identity/run_id.h"
#include "experiments/reading/load.h"
#include "experiments/training/train_length.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/cost.h"
#include "tests/testing/golden.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::StartsWith;

struct Counts {
  // Cells of each design, in the order of the file.
  std::vector<int> cells;
  // Distinct runs, seeds counted.
  int runs;
  // Things to be found or made.
  int inputs;

  friend bool operator==(const Counts&, const Counts&) = default;
};

void PrintTo(const Counts& counts, std::ostream* out) {
  *out << "{" << testing::PrintToString(counts.cells) << ", " << counts.runs
       << ", " << counts.inputs << "}";
}

const std::map<std::string, Counts>& Expected() {
  static const auto* const expected = new std::map<std::string, Counts>{
      {"floor_and_ceiling.textproto", {{3}, 5, 5}},
      {"gpu_smoke.textproto", {{2}, 2, 2}},
      {"quickstart.textproto", {{5}, 10, 4}},
      {"rsrefseg_alpha.textproto", {{5}, 15, 4}},
      {"rsrefseg_tables.textproto", {{8, 2}, 27, 5}},
  };
  return *expected;
}

std::vector<std::string> CheckedIn() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator("experiments")) {
    if (entry.path().extension() == ".textproto") {
      names.push_back(entry.path().filename().string());
    }
  }
  return names;
}

TEST(CheckedInSpecsTest, EachHasItsCountsHere) {
  std::vector<std::string> expected;
  for (const auto& [name, counts] : Expected()) {
    expected.push_back(name);
  }
  EXPECT_THAT(CheckedIn(), testing::UnorderedElementsAreArray(expected));
}

TEST(CheckedInSpecsTest, EachExpands) {
  for (const auto& [name, counts] : Expected()) {
    SCOPED_TRACE(name);
    ASSERT_OK_AND_ASSIGN(const Experiment experiment,
                         LoadExperiment("experiments/" + name));
    ASSERT_OK_AND_ASSIGN(const Expansion expansion, Expand(experiment, {}));
    Counts actual = {{},
                     static_cast<int>(expansion.runs.size()),
                     static_cast<int>(expansion.inputs.size())};
    for (const DesignCells& design : expansion.designs) {
      actual.cells.push_back(static_cast<int>(design.cells.size()));
    }
    EXPECT_EQ(actual, counts);
  }
}

// Ids of the runs of `name`.
std::set<std::string> RunIds(const std::string& name) {
  const auto experiment = LoadExperiment("experiments/" + name);
  EXPECT_THAT(experiment, IsOk());
  const auto expansion = Expand(*experiment, {});
  EXPECT_THAT(expansion, IsOk());
  return {expansion->spec_ids.begin(), expansion->spec_ids.end()};
}

// Identities for everything that `name` finds on a machine, made up from the
// keys, so that no id is pending.
InputIdentities MadeUpIdentities(const Expansion& expansion) {
  InputIdentities found;
  for (const Input& input : expansion.inputs) {
    if (!input.made()) {
      const std::string key = FoundKey(input.kind, input.role, input.format());
      found[key] = absl::StrCat("content of ", key);
    }
  }
  return found;
}

// One line per input, run and evaluation of every checked-in experiment: file,
// what it is, id.
std::string AllIds() {
  std::string ids;
  for (const auto& [name, counts] : Expected()) {
    const auto experiment = LoadExperiment("experiments/" + name);
    EXPECT_THAT(experiment, IsOk());
    const auto pending = Expand(*experiment, {});
    EXPECT_THAT(pending, IsOk());
    const auto expansion = Expand(*experiment, MadeUpIdentities(*pending));
    EXPECT_THAT(expansion, IsOk());
    for (const Input& input : expansion->inputs) {
      absl::StrAppend(&ids, name, " ", KindName(input.kind), " ",
                      input.identity, "\n");
    }
    for (size_t run = 0; run < expansion->runs.size(); ++run) {
      absl::StrAppend(&ids, name, " run ", expansion->spec_ids[run], "\n");
      for (const SplitEvaluation& evaluation : expansion->evaluations[run]) {
        absl::StrAppend(&ids, name, " evaluation ", evaluation.split, " ",
                        evaluation.id, "\n");
      }
    }
  }
  return ids;
}

// A changed line gives every store that holds the run a run that is not done.
// Regenerate only together with a new scheme
// (experiments/identity/canonical.h): bazel run
// //tests/experiments:checked_in_specs_test -- --update
TEST(CheckedInSpecsTest, IdsAreThoseOfEarlierVersions) {
  ExpectGolden("tests/experiments/testdata/ids.txt", AllIds());
}

TEST(CheckedInSpecsTest, FloorAndCeilingShareTheBaseWithTheQuickstart) {
  const std::set<std::string> quickstart = RunIds("quickstart.textproto");
  int shared = 0;
  for (const std::string& id : RunIds("floor_and_ceiling.textproto")) {
    shared += static_cast<int>(quickstart.count(id));
  }
  EXPECT_EQ(shared, 2);
}

// Settings were chosen on val, and a blind row says what the sentence is worth.
TEST(CheckedInSpecsTest, TheQuickstartReportsASplitThatNothingWasChosenOn) {
  ASSERT_OK_AND_ASSIGN(const Experiment experiment,
                       LoadExperiment("experiments/quickstart.textproto"));
  ASSERT_OK_AND_ASSIGN(const Expansion expansion, Expand(experiment, {}));
  int blind = 0;
  for (const RunSpec& run : expansion.runs) {
    EXPECT_THAT(run.data().eval_splits(), ElementsAre("test"));
    EXPECT_EQ(run.data().train_split(), "train");
    blind += run.data().sentences() == DataSpec::CONSTANT;
  }
  EXPECT_EQ(blind, 2);
}

TEST(CheckedInSpecsTest, EachSaysItsTypeToEditorsAndWhatItShows) {
  for (const auto& [name, counts] : Expected()) {
    SCOPED_TRACE(name);
    ASSERT_OK_AND_ASSIGN(const std::string text,
                         ReadFile("experiments/" + name));
    EXPECT_THAT(text, StartsWith("# proto-file: experiments/experiment.proto\n"
                                 "# proto-message: transect.Experiment\n"));
    EXPECT_THAT(text, HasSubstr("\n# What runs: "));
    EXPECT_THAT(text, HasSubstr("\n# What it costs: "));
    EXPECT_THAT(text, HasSubstr("\n# What it shows: "));
  }
}

// The nine trainings behind Tables I and II, with the counts of trained
// parameters that the authors' code has (docs/variants.md, S23 included).
TEST(CheckedInSpecsTest, TablesAreTheNineTrainings) {
  ASSERT_OK_AND_ASSIGN(Experiment experiment,
                       LoadExperiment("experiments/rsrefseg_tables.textproto"));
  ASSERT_OK_AND_ASSIGN(const Experiment released,
                       LoadExperiment("experiments/bases/"
                                      "released_code.textproto"));
  *experiment.mutable_base() = released.base();
  ASSERT_OK_AND_ASSIGN(const Expansion expansion, Expand(experiment, {}));
  ASSERT_EQ(expansion.designs.size(), 2u);
  std::map<std::string, int64_t> trained;
  for (const DesignCells& design : expansion.designs) {
    for (const Cell& cell : design.cells) {
      const RunSpec& run = expansion.runs[cell.runs[0]];
      trained[cell.label] = EstimateCost(run.model(), {}).trainable_parameters;
      EXPECT_EQ(cell.runs.size(), 3u);
      EXPECT_THAT(run.data().eval_splits(), ElementsAre("val", "test"));
    }
  }
  EXPECT_THAT(
      trained,
      ElementsAre(Pair("backbone=l", 20'585'520), Pair("base", 16'649'264),
                  Pair("prompts=SPARSE", 16'649'264),
                  Pair("rank=32", 19'065'904), Pair("rank=8", 15'440'944),
                  Pair("rate=2", 16'058'928), Pair("rate=8", 17'239'600),
                  Pair("text=HALF", 14'584'880),
                  Pair("text=ZERO", 12'631'088)));
}

// S27 and S28 of docs/variants.md, on the 12,181 samples of RRSIS-D.
TEST(CheckedInSpecsTest, TheReleasedCodeCountsEpochs) {
  ASSERT_OK_AND_ASSIGN(Experiment experiment,
                       LoadExperiment("experiments/bases/"
                                      "released_code.textproto"));
  experiment.set_name("base");
  ASSERT_OK_AND_ASSIGN(const Expansion expansion, Expand(experiment, {}));
  const RunSpec& run = expansion.runs[0];
  ASSERT_OK_AND_ASSIGN(
      const TrainLength length,
      LengthOf(run.training(), run.data().last_batch(), 12181));
  EXPECT_EQ(length.steps, 76200);
  EXPECT_EQ(length.warmup_steps, 1905);
  EXPECT_FALSE(run.training().has_steps());
  const ScheduleSpec& schedule = run.training().schedule();
  EXPECT_EQ(schedule.kind(), ScheduleSpec::COSINE_PER_EPOCH);
  EXPECT_EQ(schedule.cosine_epochs(), 200);
  EXPECT_EQ(schedule.warmup_start_fraction(), 0.01);
  EXPECT_EQ(schedule.final_fraction(), 0.001);
}

// Both are to be included, so that they have no name of their own.
TEST(CheckedInSpecsTest, BasesAreRuns) {
  for (const char* name : {"paper", "released_code", "rsrefseg_b"}) {
    SCOPED_TRACE(name);
    ASSERT_OK_AND_ASSIGN(
        Experiment experiment,
        LoadExperiment(absl::StrCat("experiments/bases/", name, ".textproto")));
    EXPECT_FALSE(experiment.has_name());
    experiment.set_name("base");
    ASSERT_OK_AND_ASSIGN(const Expansion expansion, Expand(experiment, {}));
    EXPECT_EQ(expansion.runs.size(), 1u);
  }
}

}  // namespace
}  // namespace transect
