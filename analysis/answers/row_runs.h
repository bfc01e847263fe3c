/// \file
/// The runs of a report's rows with the items they were evaluated on, for what
/// answers questions beside the tables.
#ifndef TRANSECT_ANALYSIS_ANSWERS_ROW_RUNS_H_
#define TRANSECT_ANALYSIS_ANSWERS_ROW_RUNS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analysis/aggregate.h"
#include "analysis/report.pb.h"
#include "analysis/statistics/compare.h"
#include "metrics/metric_log.pb.h"
#include "metrics/segmentation.h"

namespace transect {

/// A run that counts.
struct ScoredRun {
  std::optional<uint64_t> seed;
  std::string spec_id;
  /// Those of the table's split, ascending by id: the same order in all runs of
  /// the table.
  std::vector<EvalItem> items;
};

/// The runs of a row that count, in its order, each once.
std::vector<ScoredRun> ScoredRuns(const RowInput& row, absl::string_view split);

/// The metric `kind` of the runs for CompareRows.
RowRuns ToRowRuns(const std::vector<ScoredRun>& runs, ReportCell::Kind kind,
                  const ScoreRules& rules);

/// How the table's numbers are compared (ReportTable::statistics); by default
/// as StatisticsSpec says.
CompareSettings SettingsOf(const ReportTable& table);

/// Whether tests of the table are over seeds; else over items.
bool TestsSeeds(const ReportTable& table);

/// The table of the report's input that `table` was built from.
const TableInput& InputOf(const ReportInput& input, const ReportTable& table);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_ANSWERS_ROW_RUNS_H_
