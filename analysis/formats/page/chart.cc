#include "analysis/formats/page/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/formats/render_html.h"
#include "data/io/terminal_text.h"

namespace transect {
namespace {

constexpr std::array<const char*, 7> kColors = {"#000000", "#0072B2", "#D55E00",
                                                "#009E73", "#CC79A7", "#E69F00",
                                                "#56B4E9"};
constexpr std::array<const char*, 5> kDashes = {"", "7 3", "2 3", "9 3 2 3",
                                                "4 2"};
constexpr int kShapes = 5;
constexpr char kReferenceColor[] = "#767676";
// Of the text of ticks: about its width in a font of 12 pixels.
constexpr double kLetter = 6.2;

std::string ColorOf(int style) {
  return style < 0 ? kReferenceColor
                   : kColors[static_cast<size_t>(style) % kColors.size()];
}

// Styles that share a color differ in their dash.
std::string DashOf(int style) {
  if (style < 0) return " stroke-dasharray=\"4 4\"";
  const auto at = static_cast<size_t>(style);
  const char* dash = kDashes[(at + at / kColors.size()) % kDashes.size()];
  return *dash == '\0' ? "" : absl::StrCat(" stroke-dasharray=\"", dash, "\"");
}

std::string Number(double value) {
  std::string text = absl::StrFormat("%.1f", value);
  if (text.size() > 2 && text.ends_with(".0")) text.resize(text.size() - 2);
  return text == "-0" ? "0" : text;
}

// Ticks differ by `step`.
std::string TickText(double value, double step) {
  if (std::abs(value) < 1e-9 * step) return "0";
  const double size = std::max(std::abs(value), step);
  if (size >= 1e5 || size < 1e-3) return absl::StrFormat("%.3g", value);
  const int digits =
      std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 6);
  return absl::StrFormat("%.*f", digits, value);
}

// From values to units of the picture.
class Plane {
 public:
  explicit Plane(const Chart& chart)
      : x_(chart.x),
        y_(chart.y),
        width_(kChartWidth - kChartLeft - kChartRight),
        height_(chart.height - kChartTop - kChartBottom) {}

  double X(double value) const {
    return kChartLeft + width_ * Share(x_, value);
  }
  double Y(double value) const {
    return kChartTop + height_ * (1 - Share(y_, value));
  }
  double left() const { return kChartLeft; }
  double right() const { return kChartLeft + width_; }
  double top() const { return kChartTop; }
  double bottom() const { return kChartTop + height_; }
  double width() const { return width_; }

  std::string Path(const std::vector<ChartPoint>& points) const {
    std::string path;
    bool pen = false;
    for (const ChartPoint& point : points) {
      if (!std::isfinite(point.x) || !std::isfinite(point.y)) {
        pen = false;
        continue;
      }
      absl::StrAppend(&path, pen ? "L" : "M", Number(X(point.x)), " ",
                      Number(Y(point.y)));
      pen = true;
    }
    return path;
  }

 private:
  static double Share(const ChartScale& scale, double value) {
    return std::clamp((value - scale.low) / (scale.high - scale.low), 0.0, 1.0);
  }

  const ChartScale& x_;
  const ChartScale& y_;
  const double width_;
  const double height_;
};

std::string Named(absl::string_view name) {
  return name.empty()
             ? ""
             : absl::StrCat("<title>", EscapeHtml(OneLine(name)), "</title>");
}

std::string ShapePath(int style, double x, double y, double r) {
  const auto point = [](double a, double b) {
    return absl::StrCat(Number(a), " ", Number(b));
  };
  switch (style < 0 ? 0 : style % kShapes) {
    case 1:
      return absl::StrCat("M", point(x - r, y - r), "H", Number(x + r), "V",
                          Number(y + r), "H", Number(x - r), "Z");
    case 2:
      return absl::StrCat("M", point(x, y - 1.3 * r), "L",
                          point(x + 1.2 * r, y + r), "L",
                          point(x - 1.2 * r, y + r), "Z");
    case 3:
      return absl::StrCat("M", point(x, y - 1.4 * r), "L",
                          point(x + 1.4 * r, y), "L", point(x, y + 1.4 * r),
                          "L", point(x - 1.4 * r, y), "Z");
    case 4:
      return absl::StrCat("M", point(x, y + 1.3 * r), "L",
                          point(x + 1.2 * r, y - r), "L",
                          point(x - 1.2 * r, y - r), "Z");
    default:
      return absl::StrFormat(
          "M%sa%s %s 0 1 0 %s 0a%s %s 0 1 0 %s 0", point(x - r, y), Number(r),
          Number(r), Number(2 * r), Number(r), Number(r), Number(-2 * r));
  }
}

std::string MarkSvg(const ChartMark& mark, const Plane& plane) {
  const std::string color = ColorOf(mark.style);
  const double r = mark.small ? 2.2 : 4.5;
  const std::string path =
      ShapePath(mark.style, plane.X(mark.at.x), plane.Y(mark.at.y), r);
  return absl::StrCat(
      "<path d=\"", path, "\" ",
      mark.hollow  ? absl::StrCat("fill=\"#fff\" stroke=\"", color,
                                  "\" stroke-width=\"1.6\"")
      : mark.small ? absl::StrCat("fill=\"none\" stroke=\"", color, "\"")
                   : absl::StrCat("fill=\"", color, "\""),
      ">", Named(mark.name), "</path>");
}

void AppendAxes(const Chart& chart, const Plane& plane, std::string* svg) {
  const auto text_at = [&](double x, double y, const char* anchor,
                           absl::string_view text) {
    absl::StrAppend(
        svg, "<text x=\"", Number(x), "\" y=\"", Number(y), "\"",
        *anchor == '\0' ? "" : absl::StrCat(" text-anchor=\"", anchor, "\""),
        ">", EscapeHtml(text), "</text>");
  };
  const double y_step =
      chart.y.ticks.size() > 1 ? chart.y.ticks[1] - chart.y.ticks[0] : 1;
  for (const double tick : chart.y.ticks) {
    absl::StrAppend(svg, "<path class=\"grid\" d=\"M", Number(plane.left()),
                    " ", Number(plane.Y(tick)), "H", Number(plane.right()),
                    "\"/>");
    text_at(plane.left() - 6, plane.Y(tick) + 4, "end", TickText(tick, y_step));
  }
  const size_t count = chart.x.ticks.size();
  const double x_step = count > 1 ? chart.x.ticks[1] - chart.x.ticks[0] : 1;
  const int room = std::max(
      3, static_cast<int>(plane.width() / kLetter /
                          static_cast<double>(std::max<size_t>(count, 1))));
  for (size_t i = 0; i < count; ++i) {
    const double x = plane.X(chart.x.ticks[i]);
    absl::StrAppend(svg, "<path class=\"axis\" d=\"M", Number(x), " ",
                    Number(plane.bottom()), "v4\"/>");
    const std::string name = chart.x.names.empty()
                                 ? TickText(chart.x.ticks[i], x_step)
                                 : CutToWidth(OneLine(chart.x.names[i]), room);
    text_at(x, plane.bottom() + 16, "middle", name);
  }
  absl::StrAppend(svg, "<path class=\"axis\" d=\"M", Number(plane.left()), " ",
                  Number(plane.top()), "V", Number(plane.bottom()), "H",
                  Number(plane.right()), "\"/>");
  text_at(plane.left() + plane.width() / 2, plane.bottom() + 33, "middle",
          CutToWidth(chart.x_name, 46));
}

std::string LineSvg(const ChartLine& line, const Plane& plane) {
  return absl::StrCat(
      "<path class=\"", line.thin ? "thin" : "line", "\" d=\"",
      plane.Path(line.points), "\" stroke=\"", ColorOf(line.style), "\"",
      line.thin ? "" : DashOf(line.style), ">", Named(line.name), "</path>");
}

std::string BandSvg(const ChartBand& band, const Plane& plane) {
  std::vector<ChartPoint> around = band.low;
  around.insert(around.end(), band.high.rbegin(), band.high.rend());
  return absl::StrCat("<path class=\"band\" d=\"", plane.Path(around),
                      "Z\" fill=\"", ColorOf(band.style), "\"/>");
}

std::string BarSvg(const ChartBar& bar, const Plane& plane) {
  const double x = plane.X(bar.from);
  const double y = plane.Y(bar.height);
  return absl::StrCat("<rect class=\"bar\" x=\"", Number(x + 0.5), "\" y=\"",
                      Number(y), "\" width=\"",
                      Number(std::max(0.5, plane.X(bar.to) - x - 1)),
                      "\" height=\"", Number(plane.bottom() - y), "\" fill=\"",
                      ColorOf(bar.style), "\">", Named(bar.name), "</rect>");
}

std::string WhiskerSvg(const ChartWhisker& whisker, const Plane& plane) {
  const double x = plane.X(whisker.x);
  const std::string low = Number(plane.Y(whisker.low));
  const std::string high = Number(plane.Y(whisker.high));
  return absl::StrCat("<path class=\"line\" d=\"M", Number(x), " ", low, "V",
                      high, "M", Number(x - 4), " ", low, "h8M", Number(x - 4),
                      " ", high, "h8\" stroke=\"", ColorOf(whisker.style),
                      "\"/>");
}

}  // namespace

ChartScale NiceScale(double low, double high, int about) {
  if (!std::isfinite(low)) low = 0;
  if (!std::isfinite(high)) high = 0;
  if (high < low) std::swap(low, high);
  if (high - low < 1e-12 * std::max(1.0, std::abs(high))) {
    const double room = std::max(0.05 * std::abs(high), 1e-3);
    low -= room;
    high += room;
  }
  const double raw = (high - low) / std::max(about, 1);
  const double power = std::pow(10, std::floor(std::log10(raw)));
  const double digit = raw / power;
  const double step = power * (digit <= 1.0001 ? 1
                               : digit <= 2    ? 2
                               : digit <= 5    ? 5
                                               : 10);
  ChartScale scale;
  const double first = std::floor(low / step + 1e-9);
  const double last = std::ceil(high / step - 1e-9);
  scale.low = first * step;
  scale.high = last * step;
  for (double tick = first; tick <= last + 0.5; ++tick) {
    scale.ticks.push_back(tick * step);
  }
  return scale;
}

ChartScale NameScale(std::vector<std::string> names) {
  ChartScale scale;
  scale.low = -0.5;
  scale.high = static_cast<double>(names.size()) - 0.5;
  for (size_t i = 0; i < names.size(); ++i) {
    scale.ticks.push_back(static_cast<double>(i));
  }
  scale.names = std::move(names);
  return scale;
}

std::string ChartHtml(const Chart& chart) {
  const Plane plane(chart);
  std::string svg = absl::StrCat(
      "<figure class=\"chart\"><figcaption>", EscapeHtml(chart.title),
      " <span class=\"unit\">", EscapeHtml(chart.y_name),
      "</span></figcaption><svg viewBox=\"0 0 ", kChartWidth, " ", chart.height,
      "\" role=\"img\" aria-label=\"",
      EscapeHtml(absl::StrCat(chart.title, ", ", chart.y_name, ". ",
                              chart.description)),
      "\">");
  AppendAxes(chart, plane, &svg);
  for (const ChartBar& bar : chart.bars) svg += BarSvg(bar, plane);
  for (const ChartBand& band : chart.bands) svg += BandSvg(band, plane);
  for (const bool thin : {true, false}) {
    for (const ChartLine& line : chart.lines) {
      if (line.thin == thin) svg += LineSvg(line, plane);
    }
  }
  for (const ChartWhisker& each : chart.whiskers) {
    svg += WhiskerSvg(each, plane);
  }
  for (const ChartMark& mark : chart.marks) svg += MarkSvg(mark, plane);
  return svg + "</svg></figure>\n";
}

std::string ChartsHtml(absl::Span<const Chart> charts) {
  std::string html = "<div class=\"charts\">\n";
  for (const Chart& chart : charts) html += ChartHtml(chart);
  return html + "</div>\n";
}

std::string StyleSample(int style) {
  return absl::StrCat(
      "<svg class=\"sample\" viewBox=\"0 0 34 12\" aria-hidden=\"true\"><path "
      "class=\"line\" d=\"M0 6H34\" stroke=\"",
      ColorOf(style), "\"", DashOf(style), "/>",
      style < 0 ? ""
                : absl::StrCat("<path d=\"", ShapePath(style, 17, 6, 4),
                               "\" fill=\"", ColorOf(style), "\"/>"),
      "</svg>");
}

}  // namespace transect
