#include <string>
#include <vector>

#include "absl/status/status.h"
#include "analysis/written/csv.h"
#include "analysis/written/markdown.h"
#include "analysis/written/printed_number.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ParsePrintedNumberTest, TakesPercentagesAndNothingElse) {
  EXPECT_EQ(ParsePrintedNumber("72.52")->units, 7252);
  EXPECT_EQ(ParsePrintedNumber("72.52")->scale, 100);
  EXPECT_EQ(ParsePrintedNumber("100")->value(), 100);
  EXPECT_EQ(ParsePrintedNumber("6.3700")->scale, 10000);
  for (const char* wrong : {"", ".5", "5.", "-5", "1e2", "5.12345", "1234",
                            "72,5", "72.5 ", "+1"}) {
    EXPECT_FALSE(ParsePrintedNumber(wrong).has_value()) << wrong;
  }
}

TEST(WholeShareTest, NamesTheCount) {
  EXPECT_EQ(
      WholeShare(*ParsePrintedNumber("72.52"), 1740, Shortening::kTruncated),
      1262);
  EXPECT_EQ(
      WholeShare(*ParsePrintedNumber("72.52"), 1740, Shortening::kRounded),
      std::nullopt);
  EXPECT_EQ(WholeShare(*ParsePrintedNumber("72.82"), 1740, Shortening::kEither),
            1267);
  EXPECT_EQ(WholeShare(*ParsePrintedNumber("74.49"), 1740, Shortening::kEither),
            std::nullopt);
}

TEST(RangeOfTest, IsWhatTheDigitsMayStandFor) {
  const PrintedNumber number = *ParsePrintedNumber("77.4");
  const auto range = [&](Shortening how) {
    const PrintedRange all = RangeOf(number, how);
    return std::vector<double>{all.low, all.high};
  };
  EXPECT_THAT(range(Shortening::kRounded), ElementsAre(77.35, 77.45));
  EXPECT_THAT(range(Shortening::kTruncated), ElementsAre(77.4, 77.5));
  EXPECT_THAT(range(Shortening::kEither), ElementsAre(77.35, 77.5));
}

TEST(CsvTest, WhatIsWrittenIsReadBack) {
  const std::vector<std::string> cells = {"a,b", "say \"x\"", "two\nlines", "",
                                          "é"};
  std::string csv;
  AppendCsvLine(cells, &csv);
  AppendCsvLine(cells, &csv);
  EXPECT_EQ(csv.substr(0, 22), "\"a,b\",\"say \"\"x\"\"\",\"two");
  ASSERT_OK_AND_ASSIGN(const auto lines, ParseCsv(csv, "x"));
  EXPECT_THAT(lines, ElementsAre(cells, cells));
}

TEST(CsvTest, ReadsWhatSpreadsheetsWrite) {
  ASSERT_OK_AND_ASSIGN(const auto lines, ParseCsv("\xef\xbb\xbf"
                                                  "a,b\r\n\r\n1,\r\n,\"2\"",
                                                  "x"));
  EXPECT_THAT(lines, ElementsAre(ElementsAre("a", "b"), ElementsAre("1", ""),
                                 ElementsAre("", "2")));
}

TEST(CsvTest, NamesTheLineThatIsNoCsv) {
  EXPECT_THAT(ParseCsv("a,b\n1,2\n3\n", "t.csv"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("t.csv:3"), HasSubstr("1 cells"))));
  EXPECT_THAT(ParseCsv("a,b\n\"x,2\n", "t.csv"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("t.csv:2: a quote")));
  EXPECT_THAT(ParseCsv("a\n\"x\"y\n", "t.csv"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("t.csv:2: a quote")));
}

TEST(EscapeMarkdownTest, ShowsTextAsItIs) {
  EXPECT_EQ(EscapeMarkdown("a|b *c* <d>"), "a\\|b \\*c\\* &lt;d>");
  EXPECT_EQ(EscapeMarkdown("# no heading"), "\\# no heading");
  EXPECT_EQ(EscapeMarkdown("1. no list"), "1\\. no list");
  EXPECT_EQ(EscapeMarkdown("72.52"), "72\\.52");
}

}  // namespace
}  // namespace transect
