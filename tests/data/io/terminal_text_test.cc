#include "data/io/terminal_text.h"

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "data/io/utf8.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(TerminalTextTest, WidthCountsCodePoints) {
  EXPECT_EQ(DisplayWidth(""), 0);
  EXPECT_EQ(DisplayWidth("abc"), 3);
  EXPECT_EQ(DisplayWidth("± – …"), 5);
  EXPECT_EQ(DisplayWidth("\U0001F600"), 1);
}

TEST(TerminalTextTest, PadsUpToAWidthAndNeverCuts) {
  EXPECT_EQ(PadRight("±", 3), "±  ");
  EXPECT_EQ(PadLeft("±", 3), "  ±");
  EXPECT_EQ(PadRight("abcd", 3), "abcd");
  EXPECT_EQ(PadLeft("abcd", -1), "abcd");
}

TEST(TerminalTextTest, CutsBetweenCodePoints) {
  EXPECT_EQ(CutToWidth("abcd", 4), "abcd");
  EXPECT_EQ(CutToWidth("abcde", 4), "abc…");
  EXPECT_EQ(CutToWidth("ab", 1), "…");
  EXPECT_EQ(CutToWidth("abcde", 0), "abcde");
  const std::string text = "±±±±±";
  for (int width = 1; width < 5; ++width) {
    const std::string cut = CutToWidth(text, width);
    EXPECT_EQ(DisplayWidth(cut), width);
    EXPECT_TRUE(IsUtf8(cut)) << cut;
  }
}

TEST(TerminalTextTest, WrapsAtSpacesAndIndentsWhatFollows) {
  EXPECT_EQ(WrapText("aa bb cc dd", 7, 2), "aa bb\n  cc dd\n");
  EXPECT_EQ(WrapText("aa bb cc dd", 8, 2), "aa bb cc\n  dd\n");
  EXPECT_EQ(WrapText("aa bb cc dd", 0, 2), "aa bb cc dd\n");
  EXPECT_EQ(WrapText("", 10, 2), "\n");
}

TEST(TerminalTextTest, WrappingKeepsSpacesWithinALineOnly) {
  EXPECT_EQ(WrapText("cost   1 h", 20, 2), "cost   1 h\n");
  EXPECT_EQ(WrapText("cost   1   ", 20, 2), "cost   1\n");
  EXPECT_EQ(WrapText("cost   hours", 8, 2), "cost\n  hours\n");
}

TEST(TerminalTextTest, AWordThatIsTooWideStandsAlone) {
  EXPECT_EQ(WrapText("abcdefgh ij klmnopqr", 5, 1),
            "abcdefgh\n ij\n klmnopqr\n");
}

TEST(TerminalTextTest, ControlCharactersBecomeSpaces) {
  EXPECT_EQ(OneLine("a\nb\x1b[1m\x7f"), "a b [1m ");
  EXPECT_EQ(OneLine("a\xc2\x9b"
                    "31m"),
            "a 31m");
  // What turns directions or breaks lines without being seen.
  EXPECT_EQ(OneLine("a\u202eb\u2066c\u2028d\u200be\U000e0041"), "a b c d e ");
  // Joiners are part of words.
  EXPECT_EQ(OneLine("a\u200db\u200cc"), "a\u200db\u200cc");
  EXPECT_EQ(OneLine("\xc2\xa0± é"), "\xc2\xa0± é");
  EXPECT_EQ(OneLine("\xc2"), "\xc2");
  EXPECT_EQ(OneLine("\xc2"
                    "A"),
            "\xc2"
            "A");
}

TEST(TerminalTextTest, NothingThatActsOnATerminalIsSafe) {
  EXPECT_EQ(TerminalSafe("one\n\ttwo ±\n"), "one\n\ttwo ±\n");
  EXPECT_EQ(TerminalSafe("\x1b]0;title\x07\x1b[2J\r\x7f"),
            "\\u001b]0;title\\u0007\\u001b[2J\\u000d\\u007f");
  // C1, as UTF-8 and as a bare byte.
  EXPECT_EQ(TerminalSafe("\xc2\x9d"
                         "0;\xc2\x9c|\x9b"
                         "2J"),
            "\\u009d0;\\u009c|\\x9b2J");
  EXPECT_EQ(TerminalSafe("a\u202eb\u2069c\U000e0041"),
            "a\\u202eb\\u2069c\\U000e0041");
  EXPECT_EQ(TerminalSafe(std::string("a\0b", 3)), "a\\u0000b");
}

TEST(TerminalTextTest, OfAllSequencesOnlyStylesCanBeLetThrough) {
  const std::string text =
      absl::StrCat(Styled("x", TerminalStyle::kRed, true), "\x1b[5mblink");
  EXPECT_EQ(TerminalSafe(text), "\\u001b[31mx\\u001b[0m\\u001b[5mblink");
  EXPECT_EQ(TerminalSafe(text, {.styles = true}),
            "\x1b[31mx\x1b[0m\\u001b[5mblink");
}

TEST(TerminalTextTest, AHugeLineIsCutBetweenCodePoints) {
  EXPECT_EQ(TerminalSafe("abcdef\nabc\n", {.longest_line = 4}),
            "abcd… (2 more bytes)\nabc\n");
  EXPECT_EQ(TerminalSafe("a±±±", {.longest_line = 4}), "a±… (4 more bytes)");
  EXPECT_EQ(TerminalSafe("\x1b[1mab", {.styles = true, .longest_line = 5}),
            "\x1b[1ma\x1b[0m… (1 more bytes)");
  const std::string huge(10'000'000, 'x');
  EXPECT_EQ(TerminalSafe(huge), huge);
}

TEST(TerminalTextTest, AHugeCellDoesNotWidenEveryLine) {
  const std::string text =
      AlignColumns({{std::string(1'000'000, 'x'), "1"}, {"y", "2"}});
  EXPECT_LT(text.size(), 3u * kWidestCell);
}

TEST(TerminalTextTest, AlignsColumns) {
  EXPECT_EQ(AlignColumns({{"name", "n"}, {"±", "100", "last"}},
                         {.left_columns = 1, .margin = 1}),
            " name    n\n ±     100  last\n");
  EXPECT_EQ(AlignColumns({{"a", "b"}, {"long", "c"}}), "a     b\nlong  c\n");
  EXPECT_EQ(AlignColumns({{"a", ""}, {"b", "long"}}, {.width = 5}),
            "a\nb  l…\n");
  EXPECT_EQ(AlignColumns({}), "");
}

TEST(TerminalTextTest, StylesOnlyWithColor) {
  EXPECT_EQ(Styled("x", TerminalStyle::kBold, true), "\x1b[1mx\x1b[0m");
  EXPECT_EQ(Styled("x", TerminalStyle::kGreen, true), "\x1b[32mx\x1b[0m");
  EXPECT_EQ(Styled("x", TerminalStyle::kYellow, true), "\x1b[33mx\x1b[0m");
  EXPECT_EQ(Styled("x", TerminalStyle::kRed, true), "\x1b[31mx\x1b[0m");
  EXPECT_EQ(Styled("x", TerminalStyle::kGray, true), "\x1b[90mx\x1b[0m");
  EXPECT_EQ(Styled("x", TerminalStyle::kPlain, true), "x");
  EXPECT_EQ(Styled("x", TerminalStyle::kRed, false), "x");
}

TEST(TerminalTextTest, DurationsAreInWholeSeconds) {
  EXPECT_EQ(DurationText(0.4), "0 s");
  EXPECT_EQ(DurationText(59.4), "59 s");
  EXPECT_EQ(DurationText(59.6), "1 min 0 s");
  EXPECT_EQ(DurationText(200), "3 min 20 s");
  EXPECT_EQ(DurationText(2 * 3600 + 5 * 60 + 59), "2 h 5 min");
  EXPECT_EQ(DurationText(-3), "0 s");
  EXPECT_EQ(DurationText(std::numeric_limits<double>::infinity()), "0 s");
}

TEST(TerminalTextTest, EstimatesHaveOneUnit) {
  EXPECT_EQ(RoughDurationText(40), "40 s");
  EXPECT_EQ(RoughDurationText(720), "12 min");
  EXPECT_EQ(RoughDurationText(3.4 * 3600), "3.4 h");
  EXPECT_EQ(RoughDurationText(5.2 * 86400), "5.2 days");
}

TEST(TerminalTextTest, QuantitiesCountThousands) {
  EXPECT_EQ(QuantityText(0, "B"), "0 B");
  EXPECT_EQ(QuantityText(999, "B"), "999 B");
  EXPECT_EQ(QuantityText(999.5, "B"), "1.0 kB");
  EXPECT_EQ(QuantityText(8e7, "B"), "80 MB");
  EXPECT_EQ(QuantityText(1.25e12, "FLOP"), "1.2 TFLOP");
  EXPECT_EQ(QuantityText(5e24, "B"), "5000 ZB");
}

TEST(TerminalTextTest, OneIsSingular) {
  EXPECT_EQ(CountText(0, "run"), "0 runs");
  EXPECT_EQ(CountText(1, "run"), "1 run");
  EXPECT_EQ(CountText(2, "run"), "2 runs");
  EXPECT_EQ(CountText(1, "axis", "axes"), "1 axis");
  EXPECT_EQ(CountText(2, "axis", "axes"), "2 axes");
}

}  // namespace
}  // namespace transect
