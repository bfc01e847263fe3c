#include "launch/describe/output_file.h"

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kProgram[] = "transect";

std::string DescribedFile(const std::string& name, const std::string& text) {
  const std::string path = NewDir() + "/" + name;
  Put(path, text);
  const auto described = DescribeOutputFile(path, kProgram);
  EXPECT_THAT(described, IsOk());
  return described.ok() ? described->value_or("none") : "";
}

TEST(OutputFileTest, SaysWhatVerbsWrite) {
  EXPECT_EQ(DescribedFile("a.xyz", ""), "none");
  EXPECT_THAT(
      DescribedFile("a.png", std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1"
                                         "\2\0\0\0\3",
                                         24)),
      HasSubstr("a PNG picture of 258 x 3 pixels"));
  EXPECT_THAT(DescribedFile("a.csv", "item,split,iou\r\n1,val,1\r\n"),
              AllOf(HasSubstr("evaluate --items"),
                    HasSubstr("columns  item,split,iou\n"),
                    HasSubstr("holds    1 line\n")));
  EXPECT_THAT(DescribedFile("a.jsonl", "{\"item\": 1, \"iou\": 0.5}\n"),
              HasSubstr("evaluate --items"));
  EXPECT_THAT(DescribedFile("a.jsonl", "{\"sent\": \"a ship\"}\n"),
              HasSubstr("annotations of a data set"));
  EXPECT_THAT(DescribedFile("a.json", "[{\"segmentation\": {}}]"),
              AllOf(HasSubstr("COCO"), HasSubstr("1 mask\n")));
  EXPECT_THAT(DescribedFile("a.json", "{\"version\": 1, \"runs\": []}"),
              HasSubstr("an object with runs, version"));
  EXPECT_THAT(DescribedFile("a.md", "x\n<!-- transect: a b -->\n"),
              HasSubstr("the report that `transect run` kept"));
  EXPECT_THAT(DescribedFile("data.sha256", "0  a\n1  b\n"),
              HasSubstr("digests of 2 files"));
  EXPECT_THAT(DescribedFile("a.html", "<html>"), HasSubstr("an HTML page"));
  EXPECT_THAT(DescribedFile("a.log", "x\ny\n"), HasSubstr("2 lines"));
}

TEST(OutputFileTest, AFileThatIsNotWhatItsNameSaysIsAnErrorThatNamesIt) {
  for (const char* name :
       {"a.png", "a.json", "a.jsonl", "a.model", "rank00000.masks"}) {
    const std::string path = NewDir() + "/" + name;
    Put(path, "neither of these");
    const auto described = DescribeOutputFile(path, kProgram);
    EXPECT_FALSE(described.ok()) << name;
    EXPECT_THAT(std::string(described.status().message()), HasSubstr(path));
  }
}

}  // namespace
}  // namespace transect
