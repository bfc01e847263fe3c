/// \file
/// What a table says in sentences: what was compared, and the answers to what a
/// stranger asks first.
#ifndef TRANSECT_ANALYSIS_FORMATS_PAGE_SUMMARY_H_
#define TRANSECT_ANALYSIS_FORMATS_PAGE_SUMMARY_H_

#include <optional>
#include <string>
#include <vector>

#include "analysis/answers/row_runs.h"
#include "analysis/report.pb.h"
#include "metrics/segmentation.h"

namespace transect {

/// By row of a table its runs that count.
using TableRuns = std::vector<std::vector<ScoredRun>>;

/// The primary metrics of the table; gIoU where it does not say.
std::vector<ReportCell::Kind> PrimaryOf(const ReportTable& table);

/// The number of the row; null if there is none.
const ReportCell* CellOfKind(const ReportRow& row, ReportCell::Kind kind);

/// Position of the row with the highest mean of the first primary metric, of
/// those that may be compared with the base; nothing without a result.
std::optional<int> BestRow(const ReportTable& table);

/// "4 cells vary rank (2, 8, 16) and text (FULL, ZERO) around the base, rank
/// 16, text FULL; 2 seeds each; 8 of 8 runs have a result; evaluated on 400
/// items of split test of DATA." One line, not escaped.
std::string DesignSentence(const ReportTable& table);

/// Sentences, not escaped.
struct TableAnswers {
  /// Which setting has the highest first primary metric, and which ones the
  /// test does not tell from it.
  std::string wins;
  /// Its difference to the base, or of the base to the next.
  std::string by_how_much;
  /// Whether the test finds this difference, after correction, and what these
  /// seeds could find at all.
  std::string certain;
  /// Groups of items where the winner is worst, and how many items it misses.
  std::string fails;
};

/// The answers; nothing without a result. `runs` are those of the table.
std::optional<TableAnswers> AnswersOf(const ReportTable& table,
                                      const TableRuns& runs);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_PAGE_SUMMARY_H_
