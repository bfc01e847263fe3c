// What the documents say about experiments is so.
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "experiments/expanding/expand.h"
#include "experiments/experiment.pb.h"
#include "experiments/reading/field_help.h"
#include "experiments/reading/load.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

TEST(DocumentsTest, TheExampleOfDesignsHasTheCellsThatItsTextLists) {
  ASSERT_OK_AND_ASSIGN(const Experiment experiment,
                       LoadExperiment("docs/designs.textproto"));
  ASSERT_OK_AND_ASSIGN(const Expansion expansion, Expand(experiment, {}));
  ASSERT_EQ(expansion.designs.size(), 1u);
  std::vector<std::string> labels;
  for (const Cell& cell : expansion.designs[0].cells) {
    labels.push_back(cell.label);
  }
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile("docs/designs.md"));
  std::vector<std::string> rows;
  bool in_table = false;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<std::string> columns = absl::StrSplit(line, " | ");
    const bool row = columns.size() == 4;
    if (row && in_table) rows.push_back(columns[0].substr(2));
    in_table = in_table ? !line.empty() : line == "|---|---|---|---|";
  }
  EXPECT_THAT(labels, ElementsAreArray(rows));
  EXPECT_THAT(text, HasSubstr("Five cells are left"));
  EXPECT_EQ(labels.size(), 5u);
}

// Names between backticks with a dot that begin with a field of an experiment
// or a run, but for names of files and paths that only --set knows.
TEST(DocumentsTest, EveryFieldThatADocumentNamesExists) {
  const std::regex path(
      "`(?:base\\.)?((?:model|data|tokenizer|weights|training|evaluation|"
      "design)"
      "\\.[a-z_]+(?:\\.[a-z_]+)*)[ :=`]");
  const std::set<std::string> no_fields = {
      "model.safetensors", "model.safetensors.index.json", "data.proto",
      "training.prec",     "weights.safetensors",          "data.sha256"};
  int checked = 0;
  for (const char* document :
       {"README.md", "docs/adding_a_model.md", "docs/commands.md",
        "docs/compare_with_the_paper.md", "docs/designs.md", "docs/dump.md",
        "docs/editors.md", "docs/own_data.md", "docs/site_file.md",
        "docs/variants.md"}) {
    ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(document));
    for (std::sregex_iterator each(text.begin(), text.end(), path), end;
         each != end; ++each) {
      const std::string field = (*each)[1];
      if (no_fields.count(field) > 0) continue;
      EXPECT_THAT(FieldHelp(field), IsOk()) << document;
      ++checked;
    }
  }
  EXPECT_GT(checked, 15);
}

}  // namespace
}  // namespace transect
