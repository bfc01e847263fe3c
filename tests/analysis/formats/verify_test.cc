#include "analysis/formats/verify.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "analysis/formats/read_tables.h"
#include "analysis/formats/render_csv.h"
#include "analysis/formats/render_html.h"
#include "analysis/formats/render_latex.h"
#include "analysis/formats/render_markdown.h"
#include "analysis/table_layout.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/analysis/certainty/made_tables.h"
#include "tests/analysis/sample_report.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Format {
  std::string path;
  std::string (*render)(const ComparisonReport&);
};

const Format kFormats[] = {{"paper.tex", RenderLatex},
                           {"report.md", RenderMarkdown},
                           {"table.csv", RenderCsv},
                           {"page.html", RenderHtml}};

TEST(VerifyTables, WhatWasJustWrittenIsRight) {
  for (const int seeds : {1, 2, 5}) {
    const ComparisonReport report = MadeTables(seeds);
    for (const Format& format : kFormats) {
      ASSERT_OK_AND_ASSIGN(
          const VerifiedTables verified,
          VerifyTables(format.render(report), format.path, report));
      EXPECT_THAT(verified.problems, IsEmpty()) << format.path;
      EXPECT_EQ(verified.tables, 1);
      EXPECT_GT(verified.numbers, 4 * 8);
    }
  }
}

TEST(VerifyTables, TablesOfControlsAreVerifiedToo) {
  const ComparisonReport report = SampleReport();
  for (const Format& format : kFormats) {
    ASSERT_OK_AND_ASSIGN(
        const VerifiedTables verified,
        VerifyTables(format.render(report), format.path, report));
    EXPECT_THAT(verified.problems, IsEmpty()) << format.path;
    EXPECT_EQ(verified.tables, format.path == "table.csv" ? 1 : 2);
  }
}

// gIoU of rank=2 as printed, with its last digit changed.
std::pair<std::string, std::string> Changed(const ComparisonReport& report) {
  const std::string number =
      LayOut(report.tables(0)).metrics.rows[1].cells[6].number;
  std::string changed = number;
  changed.back() = changed.back() == '9' ? '0' : changed.back() + 1;
  return {number, changed};
}

TEST(VerifyTables, OneChangedDigitIsNamedWithCellAndRuns) {
  const ComparisonReport report = MadeTables(5);
  const auto [number, changed] = Changed(report);
  const std::string id = report.tables(0).rows(1).runs(4).spec_id();
  for (const Format& format : kFormats) {
    const std::string right = format.render(report);
    const std::string wrong = absl::StrReplaceAll(right, {{number, changed}});
    ASSERT_NE(wrong, right) << format.path;
    ASSERT_OK_AND_ASSIGN(const VerifiedTables verified,
                         VerifyTables(wrong, format.path, report));
    EXPECT_THAT(
        verified.problems,
        Contains(AllOf(HasSubstr(format.path + ":"),
                       HasSubstr("table rank, cell rank=2, gIoU: " + changed),
                       HasSubstr("the runs give " + number),
                       HasSubstr("seed 5 " + id))))
        << absl::StrJoin(verified.problems, "\n");
  }
}

TEST(VerifyTables, OtherRunsHiddenMarksAndLeftOutRowsAreNamed) {
  const ComparisonReport report = MadeTables(5);
  const std::string tex = RenderLatex(report);
  const std::string id = report.tables(0).rows(0).runs(0).spec_id();
  const auto problems = [&](const std::string& text) {
    const auto verified = VerifyTables(text, "paper.tex", report);
    EXPECT_THAT(verified, IsOk());
    return absl::StrJoin(verified->problems, "\n");
  };
  EXPECT_THAT(problems(absl::StrReplaceAll(tex, {{id, "01234567"}})),
              HasSubstr("cell base: was printed from seed 1 01234567/"));
  EXPECT_THAT(problems(absl::StrReplaceAll(
                  tex, {{"{\\textsuperscript{$\\dagger$}}", ""}})),
              HasSubstr("cell rank=64, gIoU: is marked '', must be '†'"));
  std::string without;
  for (const absl::string_view line : absl::StrSplit(tex, '\n')) {
    if (!absl::StartsWith(line, "rank=64"))
      absl::StrAppend(&without, line, "\n");
  }
  EXPECT_THAT(problems(without), HasSubstr("leaves out cell rank=64 (seed 1"));
  EXPECT_THAT(problems(absl::StrReplaceAll(tex, {{"rank=2 ", "rank=3 "}})),
              testing::Not(HasSubstr("no such row")))
      << "the ids of its runs say which row it is";
}

// A star is a claim: taken away, added or made of a weaker mark it is named.
TEST(VerifyTables, MarksOfCertaintyAreNeitherHiddenNorInvented) {
  const struct {
    Format format;
    std::string star;
    std::string ring;
  } cases[] = {
      {kFormats[0], "{\\textsuperscript{$\\ast$}}",
       "{\\textsuperscript{$\\circ$}}"},
      {kFormats[1], "]\\*", "]°"},
      {kFormats[2], ",*,", ",°,"},
      {kFormats[3], "]*<", "]°<"},
  };
  const ComparisonReport certain = MadeTables(5);
  const ComparisonReport of_runs = MadeTables(3);
  for (const auto& [format, star, ring] : cases) {
    const auto problems = [&](const ComparisonReport& report,
                              const std::string& from, const std::string& to) {
      const std::string right = format.render(report);
      const std::string wrong = absl::StrReplaceAll(right, {{from, to}});
      EXPECT_NE(wrong, right) << format.path;
      const auto verified = VerifyTables(wrong, format.path, report);
      EXPECT_THAT(verified, IsOk());
      return absl::StrJoin(verified->problems, "\n");
    };
    EXPECT_THAT(problems(certain, star, ring),
                AllOf(HasSubstr("cell rank=2"),
                      HasSubstr("is marked '°', must be '*'")))
        << format.path;
    EXPECT_THAT(problems(of_runs, ring, star),
                AllOf(HasSubstr("cell rank=2"),
                      HasSubstr("is marked '*', must be '°'")))
        << format.path;
  }
}

// A certificate may be younger than the paper. What is claimed must be so.
TEST(VerifyTables, ACertificateMayBeLeftOutAndNotMadeUp) {
  const ComparisonReport plain = MadeTables(5);
  ComparisonReport certified = plain;
  for (ReportRun& run :
       *certified.mutable_tables(0)->mutable_rows(0)->mutable_runs()) {
    run.set_certified(true);
  }
  for (const Format& format : kFormats) {
    const auto problems = [&](const ComparisonReport& written,
                              const ComparisonReport& report) {
      const auto verified =
          VerifyTables(format.render(written), format.path, report);
      EXPECT_THAT(verified, IsOk());
      return verified->problems;
    };
    EXPECT_NE(format.render(certified), format.render(plain)) << format.path;
    EXPECT_THAT(problems(certified, certified), IsEmpty()) << format.path;
    EXPECT_THAT(problems(plain, certified), IsEmpty()) << format.path;
    EXPECT_THAT(problems(certified, plain),
                Contains(HasSubstr("cell base, n: is marked '✓', must be ''")))
        << format.path;
  }
}

// A paper may have fewer columns, another order of rows, its own words and
// siunitx's short form.
TEST(VerifyTables, EditedTablesAreStillVerified) {
  const ComparisonReport report = MadeTables(5);
  const TableGrid grid = LayOut(report.tables(0)).metrics;
  std::string tex = "\\toprule\n cell & {gIoU} \\\\\n\\midrule\n";
  for (const size_t row : {2, 0, 1, 3}) {
    const GridCell& cell = grid.rows[row].cells[6];
    absl::StrAppend(&tex, "Our ", row, " & ", cell.number, "(",
                    cell.spread.substr(2), ")",
                    cell.mark.empty() ? "" : "\\dag", " \\\\ % runs ",
                    grid.rows[row].runs, "\n");
  }
  tex += "\\bottomrule\n";
  tex = "% transect table: rank\n" + tex;
  ASSERT_OK_AND_ASSIGN(const VerifiedTables verified,
                       VerifyTables(tex, "paper.tex", report));
  EXPECT_THAT(verified.problems, IsEmpty());
  EXPECT_EQ(verified.numbers, 8);
}

TEST(VerifyTables, TablesOfOthersAndOtherFilesAreRefused) {
  const ComparisonReport report = MadeTables(2);
  EXPECT_THAT(VerifyTables("| a | b |\n|---|---|\n| 1 | 2 |\n", "x.md", report),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("'x.md' has no table with the rows")));
  EXPECT_THAT(VerifyTables("", "x.txt", report),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("'x.txt' ends in none of .tex, .md")));
  EXPECT_THAT(VerifyTables("a,\"b", "x.csv", report),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ReadTables, ContentOfCells) {
  EXPECT_THAT(
      ContentOf("\\bfseries 76.05 \\pm 0.31{\\textsuperscript{$\\dagger$}}")
          .numbers,
      ElementsAre("76.05", "0.31"));
  EXPECT_THAT(ContentOf("76.05(31)").numbers, ElementsAre("76.05", "0.31"));
  EXPECT_THAT(ContentOf("$-0.45$ [$-0.92$, $0.03$]").numbers,
              ElementsAre("-0.45", "-0.92", "0.03"));
  EXPECT_THAT(ContentOf("&lt;0.001").numbers, ElementsAre("<0.001"));
  EXPECT_THAT(ContentOf("<b>1/2†‡</b>").marks, "†‡");
  EXPECT_THAT(ContentOf("{--\\ddag}").marks, "‡");
  EXPECT_THAT(ContentOf("2$\\surd$").marks, "✓");
}

}  // namespace
}  // namespace transect
