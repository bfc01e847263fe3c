#include "analysis/formats/page/heat_map.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/answers/breakdown.h"
#include "analysis/formats/render_html.h"
#include "analysis/table_grid.h"
#include "analysis/table_layout.h"

namespace transect {
namespace {

// From light to dark in one hue, that of the blue of Okabe and Ito.
constexpr std::array<double, 3> kLight = {0xf7, 0xfb, 0xff};
constexpr std::array<double, 3> kDark = {0x08, 0x3d, 0x6b};
// WCAG 2.2, 1.4.3.
constexpr double kContrast = 4.5;

// Relative luminance, 0 to 1 (WCAG 2.2).
double Luminance(const std::string& color) {
  constexpr std::array<double, 3> kWeights = {0.2126, 0.7152, 0.0722};
  double sum = 0;
  for (size_t i = 0; i < 3; ++i) {
    const double share =
        std::stoi(color.substr(1 + 2 * i, 2), nullptr, 16) / 255.0;
    sum += kWeights[i] * (share <= 0.04045
                              ? share / 12.92
                              : std::pow((share + 0.055) / 1.055, 2.4));
  }
  return sum;
}

void AppendMap(const ReportTable& table, const ReportBreakdown& breakdown,
               std::string* html) {
  const std::string name = BreakdownName(breakdown.by());
  absl::StrAppend(html, "<h4>By ", name, "</h4>\n");
  if (!breakdown.missing().empty()) {
    absl::StrAppend(html, "<p class=\"about\">There is none: ",
                    EscapeHtml(breakdown.missing()), ".</p>\n");
    return;
  }
  double low = 1;
  double high = 0;
  for (const BreakdownGroup& group : breakdown.groups()) {
    for (const BreakdownCell& cell : group.cells()) {
      if (cell.n() == 0) continue;
      low = std::min(low, cell.giou());
      high = std::max(high, cell.giou());
    }
  }
  absl::StrAppend(html,
                  "<div class=\"wide\" tabindex=\"0\" role=\"region\" "
                  "aria-label=\"gIoU by ",
                  name,
                  "\"><table class=\"beside heat\"><thead><tr><th "
                  "scope=\"col\">",
                  name, "</th><th scope=\"col\">items</th>");
  for (const ReportRow& row : table.rows()) {
    absl::StrAppend(
        html, "<th scope=\"col\">", EscapeHtml(ShownText(row.label())),
        row.is_base() && row.label() != "base" ? " (base)" : "", "</th>");
  }
  *html += "</tr></thead>\n<tbody>\n";
  for (const BreakdownGroup& group : breakdown.groups()) {
    absl::StrAppend(html, "<tr><th scope=\"row\">",
                    EscapeHtml(ShownText(group.label())), "</th><td>",
                    group.items(), "</td>");
    for (const BreakdownCell& cell : group.cells()) {
      if (cell.n() == 0) {
        absl::StrAppend(html, "<td>", kNoNumber, "</td>");
        continue;
      }
      const HeatColors colors =
          HeatColorsOf(high > low ? (cell.giou() - low) / (high - low) : 0.5);
      absl::StrAppend(html, "<td style=\"background:", colors.field,
                      ";color:", colors.text, "\"",
                      cell.has_giou_sd()
                          ? absl::StrCat(" title=\"± ", Percent(cell.giou_sd()),
                                         " over ", cell.n(), " runs\"")
                          : "",
                      ">", absl::StrFormat("%.1f", 100 * cell.giou()), "</td>");
    }
    *html += "</tr>\n";
  }
  *html += "</tbody></table></div>\n";
}

}  // namespace

HeatColors HeatColorsOf(double share) {
  share = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0;
  HeatColors colors;
  colors.field = "#";
  for (size_t i = 0; i < 3; ++i) {
    absl::StrAppendFormat(&colors.field, "%02x",
                          static_cast<int>(std::lround(
                              kLight[i] + share * (kDark[i] - kLight[i]))));
  }
  colors.text =
      ContrastOf(colors.field, "#000000") >= kContrast ? "#000000" : "#ffffff";
  return colors;
}

double ContrastOf(const std::string& a, const std::string& b) {
  const double first = Luminance(a);
  const double second = Luminance(b);
  return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

std::string HeatMapsHtml(const ReportTable& table) {
  if (table.breakdowns().empty()) return "";
  std::string html =
      "<h3>Where it fails: gIoU of parts of the items</h3>\n<p "
      "class=\"about\">Percent, means over the runs of a cell; the darker, the "
      "higher within each table.</p>\n";
  for (const ReportBreakdown& breakdown : table.breakdowns()) {
    AppendMap(table, breakdown, &html);
  }
  return html;
}

}  // namespace transect
