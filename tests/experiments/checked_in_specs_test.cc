// Every experiment in experiments/ can be run as it stands, and asks for as
// many runs as it did when it was looked at last.
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "data/io/file.h"
#include "experiments/expand.h"
#include "experiments/load.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
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
      {"floor_and_ceiling.textproto", {{3}, 6, 5}},
      {"quickstart.textproto", {{4}, 8, 4}},
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

TEST(CheckedInSpecsTest, FloorAndCeilingShareTheBaseWithTheQuickstart) {
  const std::set<std::string> quickstart = RunIds("quickstart.textproto");
  int shared = 0;
  for (const std::string& id : RunIds("floor_and_ceiling.textproto")) {
    shared += static_cast<int>(quickstart.count(id));
  }
  EXPECT_EQ(shared, 2);
}

TEST(CheckedInSpecsTest, EachSaysItsTypeToEditorsAndWhatItShows) {
  for (const auto& [name, counts] : Expected()) {
    SCOPED_TRACE(name);
    ASSERT_OK_AND_ASSIGN(const std::string text,
                         ReadFile("experiments/" + name));
    EXPECT_THAT(text, StartsWith("# proto-file: experiments/experiment.proto\n"
                                 "# proto-message: transect.Experiment\n"));
    EXPECT_THAT(text, HasSubstr("\n# What runs: "));
    EXPECT_THAT(text, HasSubstr("\n# What it shows: "));
  }
}

}  // namespace
}  // namespace transect
