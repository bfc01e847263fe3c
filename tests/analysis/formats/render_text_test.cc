#include "analysis/formats/render_text.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "analysis/report.pb.h"
#include "data/io/terminal_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/sample_report.h"
#include "tests/testing/golden.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

int WidestLine(absl::string_view text) {
  int widest = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    widest = std::max(widest, DisplayWidth(line));
  }
  return widest;
}

TEST(RenderText, TableLooksLikeThis) {
  ExpectGolden("tests/analysis/formats/testdata/wide.txt",
               RenderText(SampleReport(), {.width = 140, .color = false}));
}

TEST(RenderText, NarrowTerminalGetsTheTableInBlocks) {
  const std::string text =
      RenderText(SampleReport(), {.width = 80, .color = false});
  EXPECT_LE(WidestLine(text), 80);
  ExpectGolden("tests/analysis/formats/testdata/narrow.txt", text);
}

TEST(RenderText, NoLimitMeansOneLinePerRowAndCaption) {
  const std::string text = RenderText(SampleReport(), {});
  EXPECT_GT(WidestLine(text), 200) << "the caption is one line";
}

TEST(RenderText, TerminalThatFitsNothingGetsOneColumnPerBlock) {
  const std::string text = RenderText(SampleReport(), {.width = 1});
  // Eight blocks of metrics and four of controls.
  EXPECT_EQ(std::vector<std::string>(absl::StrSplit(text, "● base")).size(),
            1 + 8 + 4);
}

TEST(RenderText, ColorIsOnlyForTerminalsThatWantIt) {
  const std::string plain = RenderText(SampleReport(), {.width = 140});
  EXPECT_THAT(plain, Not(HasSubstr("\x1b")));
  std::string colored =
      RenderText(SampleReport(), {.width = 140, .color = true});
  EXPECT_THAT(colored, HasSubstr("\x1b[1m● base"));
  EXPECT_THAT(colored, HasSubstr("\x1b[33m  prompts=SPARSE"));
  // Without its escape sequences it is the plain text.
  for (const std::string code : {"\x1b[1m", "\x1b[33m", "\x1b[0m"}) {
    for (size_t at; (at = colored.find(code)) != std::string::npos;) {
      colored.erase(at, code.size());
    }
  }
  EXPECT_EQ(colored, plain);
}

TEST(RenderText, LabelsCannotSteerTheTerminal) {
  ComparisonReport report = SampleReport();
  report.set_title("a\x1b[2Jb");
  report.mutable_tables(0)->mutable_rows(1)->set_label("x\ny\xc2\x9bz");
  const std::string text = RenderText(report, {});
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\xc2\x9b")));
  EXPECT_THAT(text, HasSubstr("a [2Jb\n"));
  EXPECT_THAT(text, HasSubstr("x y z"));
}

TEST(RenderText, TableWithoutRowsAndReportWithoutTablesArePrinted) {
  ComparisonReport report;
  report.set_title("empty");
  EXPECT_EQ(RenderText(report, {.width = 80}), "empty\n");
  report.add_tables()->set_name("t");
  EXPECT_THAT(RenderText(report, {.width = 80}), HasSubstr("Pr@0.5"));
}

}  // namespace
}  // namespace transect
