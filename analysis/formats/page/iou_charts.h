/// \file
/// How the IoUs of a table's items are distributed, by cell.
#ifndef TRANSECT_ANALYSIS_FORMATS_PAGE_IOU_CHARTS_H_
#define TRANSECT_ANALYSIS_FORMATS_PAGE_IOU_CHARTS_H_

#include <array>
#include <string>
#include <vector>

#include "analysis/answers/row_runs.h"
#include "analysis/formats/page/summary.h"
#include "analysis/report.pb.h"
#include "metrics/segmentation.h"

namespace transect {

/// Thresholds of the curve: 0, 1 / kIouParts, ..., 1.
inline constexpr int kIouParts = 50;
inline constexpr int kIouBins = 10;

struct IouShares {
  /// Share of the items with an IoU of at least i / kIouParts, decided in
  /// integers; mean over the runs.
  std::array<double, kIouParts + 1> at_least = {};
  /// Share of the items with an IoU from i / kIouBins to below (i + 1) /
  /// kIouBins; an IoU of 1 is in the last. Mean over the runs.
  std::array<double, kIouBins> bins = {};
  /// Items of the first run.
  int64_t items = 0;
};

/// The shares of the runs' items that `rules` score; zeros without a run.
IouShares IouSharesOf(const std::vector<ScoredRun>& runs,
                      const ScoreRules& rules);

/// The threshold curves of all cells, and a histogram for each; empty without a
/// result.
std::string IouChartsHtml(const ReportTable& table, const TableRuns& runs);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_PAGE_IOU_CHARTS_H_
