/// \file
/// A comparison report for a terminal.
///
/// Input: a ComparisonReport; output: UTF-8 text with aligned columns, a line
/// per row, "●" before the base, captions and notes below each table.
/// table_layout.h decides what is said.
#ifndef TRANSECT_ANALYSIS_FORMATS_RENDER_TEXT_H_
#define TRANSECT_ANALYSIS_FORMATS_RENDER_TEXT_H_

#include <string>

#include "analysis/report.pb.h"

namespace transect {

/// How text looks.
struct TextStyle {
  /// Columns of the terminal; 0 or less for no limit. A wider table continues
  /// below with its labels repeated; a line is longer only if a label and a
  /// single number do not fit beside each other.
  int width = 0;
  /// Whether to use the escape sequences of ANSI terminals: bold titles and
  /// base, yellow where seeds are missing.
  bool color = false;
};

/// Prints all tables. Ends with a newline. A pure function.
std::string RenderText(const ComparisonReport& report, const TextStyle& style);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_RENDER_TEXT_H_
