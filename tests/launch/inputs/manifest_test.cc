#include "launch/inputs/manifest.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ManifestTest, ReadsBackWhatItWrites) {
  const ManifestLine one = {Sha256("one"), "images/00001.jpg"};
  const ManifestLine two = {Sha256("two"), "a  name with spaces"};
  std::string text;
  for (const ManifestLine& line : {one, two}) {
    AppendManifestLine(line.sha256, line.path, &text);
  }
  EXPECT_EQ(text, absl::StrCat(one.sha256, "  images/00001.jpg\n", two.sha256,
                               "  a  name with spaces\n"));
  EXPECT_THAT(ParseManifest(text, "list"), IsOkAndHolds(ElementsAre(one, two)));
  EXPECT_THAT(ParseManifest("", "list"), IsOkAndHolds(IsEmpty()));
}

TEST(ManifestTest, OtherLinesAreRefused) {
  const std::string digest = Sha256("one");
  for (const std::string& line :
       {std::string("garbage"), digest, absl::StrCat(digest, "  "),
        absl::StrCat(digest, " *name"),
        absl::StrCat("x", digest.substr(1), "  name")}) {
    EXPECT_THAT(
        ParseManifest(absl::StrCat(digest, "  first\n", line, "\n"), "list"),
        StatusIs(absl::StatusCode::kDataLoss, HasSubstr("list: file 2 of")))
        << line;
  }
}

TEST(CheckFilesTest, NamesTheFirstFileInTheOrderOfTheList) {
  const std::string root = NewDir();
  std::vector<ManifestLine> files;
  for (int i = 0; i < 100; ++i) {
    const std::string name = absl::StrCat("images/", 1000 + i);
    Put(absl::StrCat(root, "/", name), name);
    files.push_back({Sha256(name), name});
  }
  EXPECT_THAT(CheckFiles(root, files), IsOk());
  Put(root + "/images/1098", "other");
  EXPECT_THAT(CheckFiles(root, files),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr(root + "/images/1098: its SHA-256 is " +
                                 Sha256("other"))));
  files[37].path = "images/gone";
  EXPECT_THAT(CheckFiles(root, files),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("images/gone")));
  EXPECT_THAT(CheckFiles(root, {}), IsOk());
}

TEST(DescribeChangeTest, SaysWhatHappenedToTheFirstPath) {
  const std::vector<ManifestLine> then = {{"1", "a"}, {"2", "b"}, {"3", "c"}};
  EXPECT_EQ(DescribeChange(then, then), "");
  EXPECT_EQ(DescribeChange(then, {{"1", "a"}, {"9", "b"}, {"3", "c"}}),
            "b has other bytes");
  EXPECT_EQ(DescribeChange(then, {{"1", "a"}, {"9", "b"}}),
            "b has other bytes, and 1 more differ");
  EXPECT_EQ(DescribeChange(then, {{"2", "b"}, {"3", "c"}}), "a is gone");
  EXPECT_EQ(DescribeChange({}, then), "a is new, and 2 more differ");
}

}  // namespace
}  // namespace transect
