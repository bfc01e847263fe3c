#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "analysis/formats/render_csv.h"
#include "analysis/formats/render_html.h"
#include "analysis/formats/render_latex.h"
#include "analysis/written/csv.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/certainty/made_tables.h"
#include "tests/testing/golden.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST(RenderLatex, TablesLookLikeThis) {
  ExpectGolden("tests/analysis/formats/testdata/report.tex",
               RenderLatex(MadeTables(5)));
}

TEST(RenderCsv, TablesLookLikeThis) {
  ExpectGolden("tests/analysis/formats/testdata/report.csv",
               RenderCsv(MadeTables(5)));
}

TEST(RenderHtml, TablesLookLikeThis) {
  ExpectGolden("tests/analysis/formats/testdata/report.html",
               RenderHtml(MadeTables(5)));
}

TEST(RenderLatex, TextFromFilesIsEscaped) {
  EXPECT_EQ(EscapeLatex("a_b & 5 % {x} ~^\\ † – <2"),
            "a\\_b \\& 5 \\% \\{x\\} \\textasciitilde{}\\textasciicircum{}"
            "\\textbackslash{} $\\dagger$ -- $<$2");
  EXPECT_THAT(RenderLatex(MadeTables(2)), HasSubstr("rank=32\\_\\& & 2"));
}

TEST(RenderHtml, TextFromFilesIsEscaped) {
  EXPECT_EQ(EscapeHtml("<a href='x'>&\""),
            "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
  ComparisonReport report = MadeTables(1);
  report.mutable_tables(0)->mutable_rows(1)->set_label("<script>x</script>");
  EXPECT_THAT(RenderHtml(report),
              AllOf(Not(HasSubstr("<script")), HasSubstr("&lt;script&gt;")));
}

TEST(RenderCsv, EveryRowHasEveryColumn) {
  ComparisonReport report = MadeTables(5);
  // Without a base there are no differences.
  *report.add_tables() = report.tables(0);
  report.mutable_tables(1)->set_name("other");
  report.mutable_tables(1)->mutable_rows(0)->set_is_base(false);
  ASSERT_OK_AND_ASSIGN(const auto lines, ParseCsv(RenderCsv(report), "csv"));
  ASSERT_THAT(lines, SizeIs(1 + 8));
  EXPECT_EQ(lines[0][0], "table");
  EXPECT_EQ(lines[1][1], "base");
  EXPECT_EQ(lines[1][2], "1");
  EXPECT_EQ(lines[8][0], "other");
  const auto find = [&](const std::string& head) {
    return static_cast<size_t>(std::ranges::find(lines[0], head) -
                               lines[0].begin());
  };
  EXPECT_EQ(lines[1][find("gIoU")].size(), 5u) << "two digits";
  EXPECT_NE(lines[2][find("delta gIoU low")], "");
  EXPECT_EQ(lines[6][find("delta gIoU low")], "");
  EXPECT_THAT(lines[4][find("marks")], HasSubstr("†"));
  EXPECT_THAT(lines[1][find("runs")], HasSubstr("seed 1 "));
}

}  // namespace
}  // namespace transect
