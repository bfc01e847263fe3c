#include "analysis/formats/page/learning_curves.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/formats/render_html.h"
#include "analysis/statistics/interval.h"
#include "analysis/table_differences.h"
#include "analysis/table_layout.h"

namespace transect {
namespace {

std::vector<ChartPoint> PointsOf(const TrainingSeries& series, CurveKind kind) {
  std::vector<ChartPoint> points;
  if (kind == CurveKind::kLoss) {
    for (const TrainStep& step : series.steps) {
      points.push_back({static_cast<double>(step.step()), step.loss()});
    }
  } else {
    for (const Validation& validation : series.validations) {
      points.push_back(
          {static_cast<double>(validation.step()), 100 * validation.giou()});
    }
  }
  std::erase_if(
      points, [](const ChartPoint& point) { return !std::isfinite(point.y); });
  return points;
}

// By part of the steps the mean of the points in it.
std::map<int, ChartPoint> Thin(const std::vector<ChartPoint>& points,
                               double last_step) {
  std::map<int, std::pair<ChartPoint, int>> sums;
  for (const ChartPoint& point : points) {
    const int part =
        std::clamp(static_cast<int>((point.x - 1) / std::max(last_step, 1.0) *
                                    kMostCurvePoints),
                   0, kMostCurvePoints - 1);
    auto& [sum, count] = sums[part];
    sum.x += point.x;
    sum.y += point.y;
    ++count;
  }
  std::map<int, ChartPoint> means;
  for (const auto& [part, sum] : sums) {
    means[part] = {sum.first.x / sum.second, sum.first.y / sum.second};
  }
  return means;
}

double SpreadOf(const ReportTable& table, const Moments& moments) {
  double spread = moments.sd;
  if (table.statistics().spread() == ReportStatistics::SE ||
      table.statistics().spread() == ReportStatistics::CI) {
    spread /= std::sqrt(moments.n);
  }
  if (table.statistics().spread() == ReportStatistics::CI) {
    spread *= StudentQuantile(moments.n - 1, table.statistics().confidence());
  }
  return spread;
}

double LastStep(const ReportTable& table, const TrainingCurves& curves,
                CurveKind kind) {
  double last = 0;
  for (const ReportRow& row : table.rows()) {
    for (const ReportRun& run : row.runs()) {
      const auto found = curves.find(run.spec_id());
      if (found == curves.end()) continue;
      for (const ChartPoint& point : PointsOf(found->second, kind)) {
        last = std::max(last, point.x);
      }
    }
  }
  return last;
}

void Stretch(const std::vector<ChartPoint>& points, double* low, double* high) {
  for (const ChartPoint& point : points) {
    *low = std::min(*low, point.y);
    *high = std::max(*high, point.y);
  }
}

// The first values of a loss are far above what there is to see.
double HighestToShow(const std::vector<CellCurves>& cells) {
  std::vector<double> values;
  for (const CellCurves& cell : cells) {
    for (const auto& run : cell.runs) {
      for (const ChartPoint& point : run) values.push_back(point.y);
    }
  }
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[static_cast<size_t>(0.99 *
                                    static_cast<double>(values.size() - 1))];
}

Chart ChartOf(const ReportRow& row, const CellCurves& cell,
              const CellCurves* base, CurveKind kind, ChartScale x,
              ChartScale y) {
  const bool is_loss = kind == CurveKind::kLoss;
  Chart chart;
  chart.title = ShownText(row.label());
  chart.x_name = "training step";
  chart.y_name = is_loss ? "training loss" : "validation gIoU, %";
  chart.x = std::move(x);
  chart.y = std::move(y);
  chart.height = 170;
  if (!cell.low.empty()) chart.bands.push_back({cell.low, cell.high, 1});
  for (size_t i = 0; i < cell.runs.size(); ++i) {
    chart.lines.push_back({.points = cell.runs[i], .style = 1, .thin = true});
  }
  if (base != nullptr) {
    chart.lines.push_back(
        {.points = base->mean, .style = kReferenceStyle, .name = "base"});
  }
  chart.lines.push_back({.points = cell.mean, .style = 0});
  if (cell.mean.size() < 25 && !is_loss) {
    for (const ChartPoint& point : cell.mean) {
      chart.marks.push_back({.at = point, .style = 0, .small = true});
    }
  }
  chart.description = absl::StrFormat(
      "%d %s, mean from %.4g at step %.0f to %.4g at step %.0f.",
      cell.runs.size(), cell.runs.size() == 1 ? "run" : "runs",
      cell.mean.front().y, cell.mean.front().x, cell.mean.back().y,
      cell.mean.back().x);
  return chart;
}

std::string KindHtml(const ReportTable& table, const TrainingCurves& curves,
                     CurveKind kind) {
  const double last = LastStep(table, curves, kind);
  if (last == 0) return "";
  std::vector<CellCurves> cells;
  const CellCurves* base = nullptr;
  double low = 1e300;
  double high = -1e300;
  cells.reserve(static_cast<size_t>(table.rows_size()));
  for (const ReportRow& row : table.rows()) {
    cells.push_back(CurvesOfRow(table, row, curves, kind, last));
    if (row.is_base() && !cells.back().mean.empty()) base = &cells.back();
    Stretch(cells.back().mean, &low, &high);
    Stretch(cells.back().low, &low, &high);
    Stretch(cells.back().high, &low, &high);
    for (const auto& run : cells.back().runs) Stretch(run, &low, &high);
  }
  const double shown = HighestToShow(cells);
  const bool cut = kind == CurveKind::kLoss && shown < high;
  if (kind == CurveKind::kLoss) high = shown;
  const ChartScale x = NiceScale(0, last, 5);
  const ChartScale y = NiceScale(low, high, 3);
  std::vector<Chart> charts;
  for (int i = 0; i < table.rows_size(); ++i) {
    const CellCurves& cell = cells[static_cast<size_t>(i)];
    if (cell.mean.empty()) continue;
    charts.push_back(ChartOf(table.rows(i), cell,
                             table.rows(i).is_base() ? nullptr : base, kind, x,
                             y));
  }
  const bool has_band = std::ranges::any_of(
      cells, [](const CellCurves& cell) { return !cell.low.empty(); });
  return absl::StrCat(
      "<p class=\"about\">Thin: one run. Thick: mean over the seeds",
      has_band ? absl::StrCat("; shaded: ± ", EscapeHtml(SpreadName(table)))
               : "",
      base == nullptr ? "" : "; gray dashes: the base's mean",
      ". All with the same axes. A point is the mean of the values logged in ",
      "one of ", kMostCurvePoints, " equal parts of the training.",
      cut ? " Values above the highest line are cut off." : "", "</p>\n",
      ChartsHtml(charts));
}

}  // namespace

CellCurves CurvesOfRow(const ReportTable& table, const ReportRow& row,
                       const TrainingCurves& curves, CurveKind kind,
                       double last_step) {
  CellCurves cell;
  std::map<int, std::vector<ChartPoint>> parts;
  std::set<std::string> seen;
  for (const ReportRun& run : row.runs()) {
    const auto found = curves.find(run.spec_id());
    if (found == curves.end() || !seen.insert(run.spec_id()).second) continue;
    std::vector<ChartPoint> line;
    for (const auto& [part, point] :
         Thin(PointsOf(found->second, kind), last_step)) {
      line.push_back(point);
      parts[part].push_back(point);
    }
    if (!line.empty()) cell.runs.push_back(std::move(line));
  }
  for (const auto& [part, points] : parts) {
    std::vector<double> values;
    double step = 0;
    for (const ChartPoint& point : points) {
      values.push_back(point.y);
      step += point.x / static_cast<double>(points.size());
    }
    const Moments moments = MomentsOf(values);
    cell.mean.push_back({step, moments.mean});
    if (moments.n < 2) continue;
    const double spread = SpreadOf(table, moments);
    cell.low.push_back({step, moments.mean - spread});
    cell.high.push_back({step, moments.mean + spread});
  }
  return cell;
}

std::string LearningCurvesHtml(const ReportTable& table,
                               const TrainingCurves& curves) {
  const std::string loss = KindHtml(table, curves, CurveKind::kLoss);
  const std::string validation =
      KindHtml(table, curves, CurveKind::kValidation);
  return absl::StrCat(
      loss.empty() ? "" : "<h3>Training loss</h3>\n", loss,
      validation.empty() ? "" : "<h3>Validation during the training</h3>\n",
      validation);
}

}  // namespace transect
