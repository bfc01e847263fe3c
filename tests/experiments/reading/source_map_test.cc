#include "experiments/reading/source_map.h"

#include <string>

#include "absl/status/status.h"
#include "experiments/experiment.pb.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

SourceMap Map(absl::string_view text, absl::string_view file) {
  absl::StatusOr<SourceMap> map = SourceMap::Make(text, file, Experiment());
  EXPECT_THAT(map, IsOk());
  return map.ok() ? *std::move(map) : SourceMap();
}

TEST(SourceMapTest, FindsFieldsByPath) {
  const SourceMap map =
      Map("name: 'a'\n"
          "axis {\n"
          "  name: 'x'\n"
          "}\n"
          "axis { name: 'y' values: ['1', '2'] }\n"
          "base { training { steps: 3 } }\n",
          "f");
  EXPECT_EQ(map.Find("name"), "f:1:1");
  EXPECT_EQ(map.Find("axis[0]"), "f:2:1");
  EXPECT_EQ(map.Find("axis[0].name"), "f:3:3");
  EXPECT_EQ(map.Find("axis[1].name"), "f:5:8");
  EXPECT_EQ(map.Find("base.training.steps"), "f:6:19");
}

TEST(SourceMapTest, ColumnsCountCharactersAndTheMarkOfWindowsNot) {
  const SourceMap map =
      Map("\xEF\xBB\xBF"
          "name: 'a'\n\ttitle: 'ää' include: 'x'\n",
          "f");
  EXPECT_EQ(map.Find("name"), "f:1:1");
  EXPECT_EQ(map.Find("title"), "f:2:2");
  EXPECT_EQ(map.Find("include"), "f:2:14");
}

TEST(SourceMapTest, ElementsInBracketsAreWhereTheListIs) {
  const SourceMap map = Map("axis { values: ['1', '2'] }", "f");
  EXPECT_EQ(map.Find("axis[0].values[0]"), "f:1:8");
  EXPECT_EQ(map.Find("axis[0].values[1]"), "f:1:8");
}

TEST(SourceMapTest, AnAbsentFieldIsWhereTheMessageAroundItIs) {
  const SourceMap map = Map("base { training { steps: 3 } }", "f");
  EXPECT_EQ(map.Find("base.training.optimizer.lr"), "f:1:8");
  EXPECT_EQ(map.Find("base.model"), "f:1:1");
  EXPECT_EQ(map.Find("name"), "f");
  EXPECT_EQ(map.Find(""), "f");
  EXPECT_EQ(SourceMap().Find("name"), "");
}

TEST(SourceMapTest, TheUpperFileWins) {
  SourceMap map = Map("name: 'a' base { seed: 1 }", "lower");
  map.MergeOver(Map("base { training { steps: 1 } }", "upper"));
  EXPECT_EQ(map.Find("name"), "lower:1:1");
  EXPECT_EQ(map.Find("base.seed"), "lower:1:18");
  EXPECT_EQ(map.Find("base.training.steps"), "upper:1:19");
}

TEST(SourceMapTest, AListOfTheUpperFileReplacesTheLowers) {
  SourceMap map =
      Map("axis { name: 'a' field: 'f' } axis { name: 'b' }", "lower");
  map.MergeOver(Map("axis { name: 'c' }", "upper"));
  EXPECT_EQ(map.Find("axis[0].field"), "upper:1:1");
  EXPECT_EQ(map.Find("axis[1].name"), "upper");
}

TEST(SourceMapTest, TextThatDoesNotParseIsAnError) {
  EXPECT_THAT(SourceMap::Make("nme: 1", "f", Experiment()),
              StatusIs(absl::StatusCode::kInvalidArgument, "f does not parse"));
}

}  // namespace
}  // namespace transect
