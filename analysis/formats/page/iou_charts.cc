#include "analysis/formats/page/iou_charts.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/formats/page/chart.h"
#include "analysis/formats/render_html.h"
#include "analysis/score_run.h"
#include "analysis/table_layout.h"

namespace transect {
namespace {

// More lines in one chart cannot be told apart.
constexpr size_t kMostLines = 7;

ChartScale UnitScale() {
  return {
      .low = 0, .high = 1, .ticks = {0, 0.2, 0.4, 0.6, 0.8, 1}, .names = {}};
}

ChartScale PercentScale() {
  return {.low = 0, .high = 100, .ticks = {0, 25, 50, 75, 100}, .names = {}};
}

ChartLine CurveOf(const IouShares& shares, int style, std::string name) {
  ChartLine line = {.points = {}, .style = style, .name = std::move(name)};
  for (int i = 0; i <= kIouParts; ++i) {
    line.points.push_back({static_cast<double>(i) / kIouParts,
                           100 * shares.at_least[static_cast<size_t>(i)]});
  }
  return line;
}

std::string DescriptionOf(const std::string& name, const IouShares& shares) {
  return absl::StrFormat(
      "%s: %.1f %% of the items from 0.5 on, %.1f %% from 0.9 on. ", name,
      100 * shares.at_least[kIouParts / 2],
      100 * shares.at_least[kIouParts * 9 / 10]);
}

struct CellShares {
  std::string name;
  bool is_base = false;
  IouShares shares;
};

// One chart of all cells with a list of what the lines mean, or where they are
// many one chart for each with the base's curve.
std::string ThresholdHtml(const std::vector<CellShares>& cells,
                          const CellShares* base) {
  Chart all;
  all.title = "Threshold curve";
  all.x_name = "IoU threshold t";
  all.y_name = "% of items with IoU ≥ t";
  all.x = UnitScale();
  all.y = PercentScale();
  std::string legend = "<ul class=\"legend\">\n";
  std::vector<Chart> charts;
  int style = 0;
  for (const CellShares& cell : cells) {
    Chart one = all;
    one.title = cell.name;
    one.description = DescriptionOf(cell.name, cell.shares);
    one.height = 170;
    if (base != nullptr && !cell.is_base) {
      one.lines.push_back(CurveOf(base->shares, kReferenceStyle, "base"));
    }
    one.lines.push_back(CurveOf(cell.shares, 0, cell.name));
    charts.push_back(std::move(one));
    all.lines.push_back(CurveOf(cell.shares, style, cell.name));
    // Shapes tell lines apart where colors do not; shifted so that they do not
    // cover each other.
    for (int i = 4 + style % 6; i < kIouParts; i += 10) {
      all.marks.push_back(
          {.at = all.lines.back().points[static_cast<size_t>(i)],
           .style = style,
           .name = cell.name});
    }
    all.description += DescriptionOf(cell.name, cell.shares);
    absl::StrAppend(&legend, "<li>", StyleSample(style), " ",
                    EscapeHtml(cell.name), "</li>\n");
    ++style;
  }
  if (cells.size() > kMostLines) return ChartsHtml(charts);
  all.height = 300;
  return absl::StrCat("<div class=\"wide-chart\">", ChartHtml(all), legend,
                      "</ul></div>\n");
}

}  // namespace

IouShares IouSharesOf(const std::vector<ScoredRun>& runs,
                      const ScoreRules& rules) {
  IouShares shares;
  for (size_t r = 0; r < runs.size(); ++r) {
    std::array<int64_t, kIouParts + 1> at_least = {};
    std::array<int64_t, kIouBins> bins = {};
    int64_t items = 0;
    for (const EvalItem& item : runs[r].items) {
      ItemCounts counts = {.item_id = item.item_id(),
                           .intersection = item.prediction().intersection(),
                           .union_ = item.prediction().union_()};
      if (!IsScored(counts, rules)) continue;
      ++items;
      if (counts.union_ == 0) {
        counts.union_ = 1;
        counts.intersection =
            rules.empty_union == ScoreRules::EmptyUnion::kZero ? 0 : 1;
      }
      const int64_t part = counts.intersection * kIouParts / counts.union_;
      for (int64_t i = 0; i <= part; ++i) ++at_least[static_cast<size_t>(i)];
      const int64_t bin = counts.intersection * kIouBins / counts.union_;
      ++bins[static_cast<size_t>(std::min<int64_t>(bin, kIouBins - 1))];
    }
    if (r == 0) shares.items = items;
    if (items == 0) continue;
    const double weight =
        1.0 / (static_cast<double>(items) * static_cast<double>(runs.size()));
    for (size_t i = 0; i < at_least.size(); ++i) {
      shares.at_least[i] += weight * static_cast<double>(at_least[i]);
    }
    for (size_t i = 0; i < bins.size(); ++i) {
      shares.bins[i] += weight * static_cast<double>(bins[i]);
    }
  }
  return shares;
}

std::string IouChartsHtml(const ReportTable& table, const TableRuns& runs) {
  const ScoreRules rules = FromReportRules(table.rules());
  std::vector<CellShares> cells;
  for (int i = 0; i < table.rows_size(); ++i) {
    if (runs[static_cast<size_t>(i)].empty()) continue;
    cells.push_back({ShownText(table.rows(i).label()), table.rows(i).is_base(),
                     IouSharesOf(runs[static_cast<size_t>(i)], rules)});
  }
  if (cells.empty()) return "";
  const auto base_at = std::ranges::find_if(cells, &CellShares::is_base);
  const CellShares* base = base_at == cells.end() ? nullptr : &*base_at;
  double highest = 0;
  for (const CellShares& cell : cells) {
    highest = std::max(highest, *std::ranges::max_element(cell.shares.bins));
  }
  const ChartScale y = NiceScale(0, 100 * highest, 3);
  std::vector<Chart> histograms;
  for (const CellShares& cell : cells) {
    Chart chart;
    chart.title = cell.name;
    chart.x_name = "IoU";
    chart.y_name = "% of items";
    chart.x = UnitScale();
    chart.y = y;
    chart.height = 170;
    ChartLine outline = {
        .points = {}, .style = kReferenceStyle, .name = "base"};
    for (int i = 0; i < kIouBins; ++i) {
      const double from = static_cast<double>(i) / kIouBins;
      const double to = static_cast<double>(i + 1) / kIouBins;
      const double share = 100 * cell.shares.bins[static_cast<size_t>(i)];
      chart.bars.push_back(
          {from, to, share, 6,
           absl::StrFormat("IoU %.1f to %.1f: %.1f %%", from, to, share)});
      if (base != nullptr) {
        const double other = 100 * base->shares.bins[static_cast<size_t>(i)];
        outline.points.push_back({from, other});
        outline.points.push_back({to, other});
      }
    }
    if (base != nullptr && !cell.is_base) {
      chart.lines.push_back(std::move(outline));
    }
    chart.description =
        absl::StrFormat("%.1f %% of %d items below 0.1, %.1f %% from 0.9 on.",
                        100 * cell.shares.bins.front(), cell.shares.items,
                        100 * cell.shares.bins.back());
    histograms.push_back(std::move(chart));
  }
  return absl::StrCat(
      "<h3>IoU of the items</h3>\n<p class=\"about\">How many items are found "
      "at least so well; means over the runs of a cell.</p>\n",
      ThresholdHtml(cells, base),
      "<p class=\"about\">How the IoUs are distributed",
      base == nullptr ? "" : "; gray dashes: the base",
      ". All with the same axes.</p>\n", ChartsHtml(histograms));
}

}  // namespace transect
