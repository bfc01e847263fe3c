#include "analysis/formats/page/chart.h"

#include <cmath>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Chart Unit() {
  Chart chart;
  chart.title = "title";
  chart.description = "what is seen";
  chart.x_name = "steps";
  chart.y_name = "loss";
  chart.x = {.low = 0, .high = 10, .ticks = {0, 5, 10}, .names = {}};
  chart.y = {.low = 0, .high = 100, .ticks = {0, 50, 100}, .names = {}};
  return chart;
}

// 282 units wide from 46, 158 high from 10.
TEST(Chart, ValuesAreAtTheirPlaces) {
  Chart chart = Unit();
  chart.lines.push_back({.points = {{0, 0}, {5, 50}, {10, 100}}});
  chart.whiskers.push_back({.x = 5, .low = 25, .high = 75});
  chart.bars.push_back({.from = 0, .to = 5, .height = 50});
  chart.bands.push_back(
      {.low = {{0, 0}, {10, 0}}, .high = {{0, 50}, {10, 50}}});
  const std::string html = ChartHtml(chart);
  EXPECT_THAT(html, HasSubstr("d=\"M46 168L187 89L328 10\""));
  EXPECT_THAT(html, HasSubstr("d=\"M187 128.5V49.5M183 128.5h8M183 49.5h8\""));
  EXPECT_THAT(html,
              HasSubstr("x=\"46.5\" y=\"89\" width=\"140\" height=\"79\""));
  EXPECT_THAT(html, HasSubstr("d=\"M46 168L328 168L328 89L46 89Z\""));
  EXPECT_THAT(html, HasSubstr("<text x=\"40\" y=\"93\" "
                              "text-anchor=\"end\">50</text>"));
  EXPECT_THAT(html, HasSubstr(">5</text>"));
}

TEST(Chart, MarksOfOneColorDifferInShape) {
  Chart chart = Unit();
  chart.marks.push_back({.at = {5, 50}, .style = 0});
  chart.marks.push_back({.at = {5, 50}, .style = 1, .name = "a & b"});
  const std::string html = ChartHtml(chart);
  EXPECT_THAT(html, HasSubstr("M182.5 89a4.5 4.5 0 1 0 9 0"));
  EXPECT_THAT(html, HasSubstr("M182.5 84.5H191.5V93.5H182.5Z"));
  EXPECT_THAT(html, HasSubstr("<title>a &amp; b</title>"));
}

TEST(Chart, WhatIsNoNumberBreaksALineAndWhatIsOutsideStaysAtTheEdge) {
  Chart chart = Unit();
  chart.lines.push_back(
      {.points = {{0, 0}, {5, std::nan("")}, {10, 100}, {10, 900}}});
  EXPECT_THAT(ChartHtml(chart), HasSubstr("d=\"M46 168M328 10L328 10\""));
}

TEST(Chart, IsReadAloudAndEscaped) {
  Chart chart = Unit();
  chart.title = "<b>\"";
  const std::string html = ChartHtml(chart);
  EXPECT_THAT(html, HasSubstr("role=\"img\" aria-label=\"&lt;b&gt;&quot;, "
                              "loss. what is seen\""));
  EXPECT_THAT(html, Not(HasSubstr("<b>")));
}

TEST(NiceScale, HasFewRoundTicksAroundTheValues) {
  EXPECT_THAT(NiceScale(0, 97).ticks, ElementsAre(0, 50, 100));
  const ChartScale narrow = NiceScale(0.31, 0.44);
  EXPECT_THAT(narrow.ticks,
              ElementsAre(DoubleNear(0.3, 1e-12), DoubleNear(0.35, 1e-12),
                          DoubleNear(0.4, 1e-12), DoubleNear(0.45, 1e-12)));
  EXPECT_DOUBLE_EQ(narrow.low, narrow.ticks.front());
  EXPECT_DOUBLE_EQ(narrow.high, narrow.ticks.back());
}

TEST(NiceScale, HoldsOneValueAndNothing) {
  const ChartScale one = NiceScale(70, 70);
  EXPECT_LT(one.low, 70);
  EXPECT_GT(one.high, 70);
  EXPECT_GE(one.ticks.size(), 2u);
  EXPECT_LT(one.ticks.size(), 10u);
  EXPECT_LT(NiceScale(0, 0).ticks.size(), 10u);
  // Of an empty range, as of a chart without a value.
  EXPECT_GE(NiceScale(1e300, -1e300).ticks.size(), 2u);
}

TEST(NameScale, NamesStandAtWholeNumbersAndAreCut) {
  Chart chart = Unit();
  chart.x = NameScale({"8", "a name that is far too long for its place", "32"});
  chart.marks.push_back({.at = {1, 50}});
  const std::string html = ChartHtml(chart);
  EXPECT_THAT(html, HasSubstr("M182.5 89a"));
  EXPECT_THAT(html, HasSubstr("a name that is…"));
}

TEST(StyleSample, TellsStylesApart) {
  std::vector<std::string> samples;
  for (int style = kReferenceStyle; style < 30; ++style) {
    samples.push_back(StyleSample(style));
    for (size_t i = 0; i + 1 < samples.size(); ++i) {
      EXPECT_NE(samples[i], samples.back()) << i << " and " << style;
    }
  }
}

}  // namespace
}  // namespace transect
