/// \file
/// A comparison report as Markdown (GitHub's dialect, for its tables).
///
/// Input: a ComparisonReport; output: a heading per table, the table with the
/// base row in bold, caption, notes, the controls, and the ids of all runs in a
/// comment that readers do not see. table_layout.h decides what is said.
#ifndef TRANSECT_ANALYSIS_FORMATS_RENDER_MARKDOWN_H_
#define TRANSECT_ANALYSIS_FORMATS_RENDER_MARKDOWN_H_

#include <string>

#include "analysis/report.pb.h"

namespace transect {

/// Prints all tables. Ends with a newline. Text that came from files is
/// escaped. A pure function.
std::string RenderMarkdown(const ComparisonReport& report);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_RENDER_MARKDOWN_H_
