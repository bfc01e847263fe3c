/// \file
/// The tables of a report as comma-separated values, one line per row: what the
/// tables show, with the same digits. Every value on a line of its own is
/// analysis/answers/long_table.h.
#ifndef TRANSECT_ANALYSIS_FORMATS_RENDER_CSV_H_
#define TRANSECT_ANALYSIS_FORMATS_RENDER_CSV_H_

#include <string>

#include "analysis/report.pb.h"

namespace transect {

/// Columns: table, cell, base (1 or 0), published (1 or 0), n, one for each
/// column of any table and for what stands after ± ("gIoU spread") and for the
/// bounds of intervals ("delta gIoU low", "delta gIoU high"), marks, runs.
/// Heads are ASCII; what a row does not have is empty. A pure function.
std::string RenderCsv(const ComparisonReport& report);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_RENDER_CSV_H_
