#include "analysis/formats/page/sensitivity.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/formats/page/chart.h"
#include "analysis/formats/page/summary.h"
#include "analysis/formats/render_html.h"
#include "analysis/measure_name.h"
#include "analysis/table_differences.h"
#include "analysis/table_layout.h"
#include "analysis/table_marks.h"

namespace transect {
namespace {

class Builder {
 public:
  Builder(const ReportTable& table, const AxisRows& axis, ReportCell::Kind kind)
      : table_(table), axis_(axis), kind_(kind) {}

  // Nothing where no value has a number.
  std::optional<Chart> Build() {
    std::vector<std::string> names;
    ChartLine line = {.style = kReferenceStyle};
    for (size_t i = 0; i < axis_.points.size(); ++i) {
      const AxisRows::Point& point = axis_.points[i];
      const ReportRow& row = table_.rows(point.row);
      names.push_back(
          absl::StrCat(ShownText(point.value), row.is_base() ? " (base)" : ""));
      if (const ReportCell* cell = CellOfKind(row, kind_)) {
        AddRow(static_cast<double>(i), row, *cell);
        line.points.push_back({static_cast<double>(i), 100 * cell->mean()});
      }
      AddPublished(static_cast<double>(i), row);
    }
    if (line.points.size() < 2) return std::nullopt;
    chart_.lines.push_back(std::move(line));
    chart_.title = ShownText(axis_.axis);
    chart_.x_name = ShownText(axis_.axis);
    chart_.y_name = absl::StrCat(MeasureName(kind_), ", %");
    chart_.x = NameScale(std::move(names));
    chart_.y = NiceScale(low_, high_);
    return chart_;
  }

  bool has_published() const { return has_published_; }

 private:
  void Stretch(double value) {
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }

  void AddRow(double x, const ReportRow& row, const ReportCell& cell) {
    const int style = row.is_base() ? 0 : 1;
    const double mean = 100 * cell.mean();
    Stretch(mean);
    for (const SeedValue& value : cell.values()) {
      Stretch(100 * value.value());
      if (cell.values_size() < 2) break;
      chart_.marks.push_back(
          {.at = {x + 0.12, 100 * value.value()},
           .style = style,
           .small = true,
           .name = absl::StrFormat("seed %d: %.2f", value.seed(),
                                   100 * value.value())});
    }
    if (cell.has_spread()) {
      const double spread = 100 * cell.spread();
      chart_.whiskers.push_back({x, mean - spread, mean + spread, style});
      Stretch(mean - spread);
      Stretch(mean + spread);
    }
    const std::string name =
        absl::StrFormat("%s: %.2f", ShownText(row.label()), mean);
    chart_.marks.push_back({.at = {x, mean}, .style = style, .name = name});
    absl::StrAppend(&chart_.description, name,
                    cell.has_spread()
                        ? absl::StrFormat(" ± %.2f", 100 * cell.spread())
                        : "",
                    ". ");
  }

  // What printed digits stand for is a range; the mark is at its middle.
  void AddPublished(double x, const ReportRow& row) {
    for (const ReportPublished& published : table_.published()) {
      if (published.same_as() != row.label()) continue;
      for (const PublishedComparison& each : published.comparisons()) {
        if (each.kind() != kind_) continue;
        const double value = 50 * (each.printed_low() + each.printed_high());
        has_published_ = true;
        Stretch(value);
        const std::string name =
            absl::StrFormat("%s, %s: %.2f", ShownText(published.row().label()),
                            ShownText(published.source()), value);
        chart_.marks.push_back({.at = {x - 0.15, value},
                                .style = 3,
                                .hollow = true,
                                .name = name});
        absl::StrAppend(&chart_.description, "Published: ", name, ". ");
      }
    }
  }

  const ReportTable& table_;
  const AxisRows& axis_;
  const ReportCell::Kind kind_;
  Chart chart_;
  double low_ = 1e300;
  double high_ = -1e300;
  bool has_published_ = false;
};

}  // namespace

std::vector<AxisRows> AxesOf(const ReportTable& table) {
  const ReportRow* const base = BaseOf(table);
  std::vector<AxisRows> axes;
  if (base == nullptr) return axes;
  const int base_at = static_cast<int>(base - &table.rows(0));
  for (const ReportSetting& setting : table.base_settings()) {
    AxisRows axis = {.axis = setting.axis(), .points = {}};
    bool numbers = true;
    for (int i = 0; i < table.rows_size(); ++i) {
      const ReportRow& row = table.rows(i);
      const bool here =
          row.settings_size() == 1 && row.settings(0).axis() == setting.axis();
      if ((!here && i != base_at) || row.n() == 0) continue;
      axis.points.push_back(
          {here ? row.settings(0).value() : setting.value(), i});
      double number = 0;
      numbers = numbers && absl::SimpleAtod(axis.points.back().value, &number);
    }
    if (axis.points.size() < 2) continue;
    if (numbers) {
      std::ranges::stable_sort(axis.points, {}, [](const AxisRows::Point& p) {
        double number = 0;
        (void)absl::SimpleAtod(p.value, &number);
        return number;
      });
    }
    axes.push_back(std::move(axis));
  }
  return axes;
}

std::string SensitivityHtml(const ReportTable& table) {
  std::vector<Chart> charts;
  bool has_published = false;
  for (const AxisRows& axis : AxesOf(table)) {
    for (const ReportCell::Kind kind : PrimaryOf(table)) {
      Builder builder(table, axis, kind);
      if (std::optional<Chart> chart = builder.Build()) {
        charts.push_back(*std::move(chart));
        has_published = has_published || builder.has_published();
      }
    }
  }
  if (charts.empty()) return "";
  return absl::StrCat(
      "<h3>What each axis does</h3>\n<p class=\"about\">One axis varies, the ",
      "others are as in the base (black circle). Large marks are means, ",
      "with ± ", EscapeHtml(SpreadName(table)), ", small ones single runs",
      has_published ? "; hollow diamonds are published values of this setting"
                    : "",
      ". The range of the axes differs.</p>\n", ChartsHtml(charts));
}

}  // namespace transect
