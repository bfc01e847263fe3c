/// \file
/// The columns of differences to the base: numbers, intervals, p values, marks,
/// and the sentences that say how they were computed and what they can decide.
/// analysis/certainty/ computes them.
#ifndef TRANSECT_ANALYSIS_TABLE_DIFFERENCES_H_
#define TRANSECT_ANALYSIS_TABLE_DIFFERENCES_H_

#include <string>
#include <vector>

#include "analysis/report.pb.h"
#include "analysis/table_grid.h"

namespace transect {

/// Marks a difference that the declared test finds certain.
inline constexpr char kCertainMark[] = "*";
/// Marks one that is certain of these runs only, in tables whose declared test
/// is over seeds.
inline constexpr char kCertainOfRunsMark[] = "°";

/// Heads of the columns: "Δ gIoU", and where differences were tested "p"; for
/// several primary metrics both of each, "p gIoU". None without a base row.
std::vector<std::string> DifferenceHeads(const ReportTable& table);

/// The cells of `row` below them; `partial_mark` marks what is of fewer seeds
/// than declared.
std::vector<GridCell> DifferenceCells(const ReportTable& table,
                                      const ReportRow& row,
                                      const std::string& partial_mark);

/// Sentences for the caption: what the interval is and how often its kind held
/// the truth in simulation, what test p is of, its correction and bound, what
/// marks and bold mean. Empty where nothing was compared.
std::string DifferenceSentences(const ReportTable& table);

/// What ± stands for: "sample standard deviation (n − 1) over seeds".
std::string SpreadName(const ReportTable& table);

/// Notes: whether the seeds of the table could decide anything; differences
/// that are certain of these runs only; how many seeds the observed differences
/// would need; the coverage of every kind of interval.
std::vector<std::string> CertaintyNotes(const ReportTable& table);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_TABLE_DIFFERENCES_H_
