/// \file
/// Charts as plain SVG: lines, bands, bars, marks and whiskers over two axes.
///
/// Input: values in the units of the axes; output: an SVG element that scales
/// with its column, has a title and a description for people who do not see it,
/// and differs from others of one style in color, dash and shape, so that it
/// can be read without color. Knows no report.
///
/// Colors are those of Okabe and Ito ("Color Universal Design", 2008) without
/// their yellow, which cannot be seen on white.
#ifndef TRANSECT_ANALYSIS_FORMATS_PAGE_CHART_H_
#define TRANSECT_ANALYSIS_FORMATS_PAGE_CHART_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace transect {

/// The range of an axis and where it has numbers. Two ticks or more.
struct ChartScale {
  double low = 0;
  double high = 1;
  std::vector<double> ticks = {};
  /// In place of numbers, one per tick; empty for numbers.
  std::vector<std::string> names = {};
};

/// A scale with about `about` ticks of 1, 2 or 5 times a power of ten that
/// holds `low` to `high`; what is not finite counts as 0, and equal bounds get
/// a range around them.
ChartScale NiceScale(double low, double high, int about = 4);

/// A scale of names at 0, 1, 2, ...
ChartScale NameScale(std::vector<std::string> names);

/// The style of what others are compared with: gray and dashed.
inline constexpr int kReferenceStyle = -1;

struct ChartPoint {
  double x = 0;
  double y = 0;
};

struct ChartLine {
  std::vector<ChartPoint> points = {};
  /// Color, dash and shape, from 0; kReferenceStyle.
  int style = 0;
  /// One of several runs: a thin line.
  bool thin = false;
  /// What a pointer that rests on it shows.
  std::string name = {};
};

/// The area between two lines over the same x.
struct ChartBand {
  std::vector<ChartPoint> low;
  std::vector<ChartPoint> high;
  int style = 0;
};

struct ChartMark {
  ChartPoint at;
  int style = 0;
  /// Small: one of several runs. Hollow: somebody else's number.
  bool small = false;
  bool hollow = false;
  std::string name = {};
};

/// From `low` to `high` at one x.
struct ChartWhisker {
  double x = 0;
  double low = 0;
  double high = 0;
  int style = 0;
};

struct ChartBar {
  double from = 0;
  double to = 0;
  double height = 0;
  int style = 0;
  std::string name = {};
};

struct Chart {
  /// What people see above it and read aloud first.
  std::string title;
  /// What can be seen in it, one or two sentences, for people who do not.
  std::string description;
  std::string x_name;
  std::string y_name;
  ChartScale x;
  ChartScale y;
  std::vector<ChartBar> bars = {};
  std::vector<ChartBand> bands = {};
  std::vector<ChartLine> lines = {};
  std::vector<ChartWhisker> whiskers = {};
  std::vector<ChartMark> marks = {};
  int height = kChartHeight;

  static constexpr int kChartHeight = 210;
};

/// Size and margins of a chart in its own units, which are pixels of a column
/// of this width.
inline constexpr int kChartWidth = 340;
inline constexpr int kChartLeft = 46;
inline constexpr int kChartRight = 12;
inline constexpr int kChartTop = 10;
inline constexpr int kChartBottom = 42;

/// The <figure> with the chart. Lines end at the range of the axes. Text is
/// escaped. A pure function.
std::string ChartHtml(const Chart& chart);

/// Several of them side by side as wide as the page allows.
std::string ChartsHtml(absl::Span<const Chart> charts);

/// A short line with the color, dash and shape of `style`, for lists of what
/// lines mean.
std::string StyleSample(int style);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_PAGE_CHART_H_
