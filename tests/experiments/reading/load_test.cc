#include "experiments/reading/load.h"

#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class LoadTest : public testing::Test {
 protected:
  LoadTest()
      : dir_((std::filesystem::path(testing::TempDir()) / "load_test" /
              testing::UnitTest::GetInstance()->current_test_info()->name())
                 .string()) {
    std::filesystem::remove_all(dir_);
    std::filesystem::create_directories(dir_ + "/bases");
  }
  ~LoadTest() override { std::filesystem::remove_all(dir_); }

  // Writes a file and returns its path.
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = absl::StrCat(dir_, "/", name);
    EXPECT_THAT(WriteFileAtomic(path, text), IsOk());
    return path;
  }

  const std::string dir_;
};

TEST_F(LoadTest, AnAxisThatAnotherListReplacedIsKnown) {
  const std::string base = Write("bases/base.textproto",
                                 "axis { name: 'rank' }\n"
                                 "axis { name: 'text' }\n");
  const std::string middle =
      Write("middle.textproto",
            "include: 'bases/base.textproto'\naxis { name: 'text' }");
  const std::string top =
      Write("top.textproto", "include: 'middle.textproto'\nname: 'top'");
  SourceMap sources;
  ASSERT_THAT(LoadExperiment(top, &sources), IsOk());
  EXPECT_EQ(sources.WhyGone("axis", "rank"),
            absl::StrCat("; ", base,
                         ":1:1 declares it, but the list of axis "
                         "at ",
                         middle,
                         ":2:1 replaces all of an included "
                         "file's: repeat it there"));
  EXPECT_EQ(sources.WhyGone("axis", "text"), "");
  EXPECT_EQ(sources.WhyGone("axis", "lr"), "");
}

TEST_F(LoadTest, ReadsAFile) {
  EXPECT_THAT(LoadExperiment(Write("a.textproto", "name: \"a\" seeds: [1, 2]")),
              IsOkAndHolds(EqualsProto("name: 'a' seeds: 1 seeds: 2")));
}

TEST_F(LoadTest, MergesIncludesRelativeToTheirFile) {
  Write("bases/model.textproto", "base { seed: 3 } title: 'model' seeds: 1");
  Write("bases/base.textproto",
        "include: 'model.textproto' base { training { steps: 5 } }");
  EXPECT_THAT(LoadExperiment(Write("a.textproto",
                                   "include: 'bases/base.textproto' name: 'a'"
                                   " base { training { ranks: 2 } } seeds: 4")),
              IsOkAndHolds(EqualsProto(R"pb(
                name: "a"
                title: "model"
                base {
                  training { steps: 5 ranks: 2 }
                  seed: 3
                }
                seeds: 4
              )pb")));
}

TEST_F(LoadTest, ATypoIsOneLineWithPlaceNameAndTheRightOne) {
  const std::string path = Write("a.textproto",
                                 "name: \"a\"\n"
                                 "base {\n"
                                 "  training { global_bach: 16 }\n"
                                 "}\n");
  EXPECT_THAT(LoadExperiment(path),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       absl::StrCat(path,
                                    ":3:14: Message type "
                                    "\"transect.TrainingSpec\" has no field "
                                    "named \"global_bach\"; did you mean "
                                    "\"global_batch\"?")));
}

TEST_F(LoadTest, AnErrorInAnIncludedFileNamesBothFiles) {
  Write("bases/b.textproto", "nme: 'b'");
  const std::string path = Write("a.textproto", "include: 'bases/b.textproto'");
  EXPECT_THAT(
      LoadExperiment(path),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(StartsWith(absl::StrCat(dir_, "/bases/b.textproto:1:1: ")),
                     EndsWith(absl::StrCat("included by ", path)))));
}

TEST_F(LoadTest, KnowsWhichFileSaidWhat) {
  const std::string lower = Write("b.textproto",
                                  "base {\n"
                                  "  training { steps: 1 ranks: 1 }\n"
                                  "}\n"
                                  "seeds: [1, 2, 3]\n");
  const std::string upper = Write("a.textproto",
                                  "include: 'b.textproto'\n"
                                  "seeds: 4\n"
                                  "base { training { steps: 2 } }\n");
  SourceMap sources;
  ASSERT_THAT(LoadExperiment(upper, &sources), IsOk());
  EXPECT_EQ(sources.Find("base.training.ranks"), absl::StrCat(lower, ":2:23"));
  EXPECT_EQ(sources.Find("base.training.steps"), absl::StrCat(upper, ":3:19"));
  EXPECT_EQ(sources.Find("seeds[0]"), absl::StrCat(upper, ":2:1"));
  EXPECT_EQ(sources.Find("seeds[1]"), upper);
}

TEST_F(LoadTest, AMissingIncludeNamesBothFiles) {
  const std::string path = Write("a.textproto", "include: 'b.textproto'");
  EXPECT_THAT(LoadExperiment(path),
              StatusIs(absl::StatusCode::kNotFound,
                       AllOf(HasSubstr(dir_ + "/b.textproto"),
                             EndsWith(absl::StrCat("included by ", path)))));
}

TEST_F(LoadTest, ACircleOfIncludesNamesItsFiles) {
  const std::string a = Write("a.textproto", "include: 'b.textproto'");
  const std::string b = Write("b.textproto", "include: 'bases/c.textproto'");
  const std::string c = Write("bases/c.textproto", "include: '../b.textproto'");
  EXPECT_THAT(
      LoadExperiment(a),
      StatusIs(absl::StatusCode::kInvalidArgument,
               StartsWith(absl::StrCat("includes go in a circle: ", b,
                                       " includes ", c, " includes ", b))));
}

TEST_F(LoadTest, AFileThatIncludesItselfUnderAnotherNameIsACircle) {
  const std::string a = Write("a.textproto", "include: 'link.textproto'");
  std::filesystem::create_symlink(a, dir_ + "/link.textproto");
  EXPECT_THAT(LoadExperiment(a),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StartsWith("includes go in a circle: ")));
}

TEST_F(LoadTest, AChainOfSixteenFilesIsRead) {
  Write("0.textproto", "name: 'end'");
  for (int i = 1; i <= 16; ++i) {
    Write(absl::StrCat(i, ".textproto"),
          absl::StrCat("include: '", i - 1, ".textproto'"));
  }
  EXPECT_THAT(LoadExperiment(dir_ + "/15.textproto"),
              IsOkAndHolds(EqualsProto("name: 'end'")));
  EXPECT_THAT(LoadExperiment(dir_ + "/16.textproto"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       StartsWith("more than 16 files include one another")));
}

TEST_F(LoadTest, ABigFileIsRefused) {
  const std::string path =
      Write("a.textproto", std::string(kMaxExperimentBytes + 1, '#'));
  EXPECT_THAT(LoadExperiment(path),
              StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr(path)));
}

TEST_F(LoadTest, ADirectoryIsRefused) {
  const absl::Status status = LoadExperiment(dir_).status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr(dir_));
}

}  // namespace
}  // namespace transect
