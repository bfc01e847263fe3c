/// \file
/// Claims, comparisons with print and breakdowns as text for a terminal and as
/// Markdown, below the tables that they belong to.
#ifndef TRANSECT_ANALYSIS_ANSWERS_ANSWERS_TEXT_H_
#define TRANSECT_ANALYSIS_ANSWERS_ANSWERS_TEXT_H_

#include <string>
#include <vector>

#include "analysis/report.pb.h"

namespace transect {

enum class AnswersFormat { kText, kMarkdown };

struct AnswersStyle {
  AnswersFormat format = AnswersFormat::kText;
  /// Columns of sentences in text; 0 or less for no limit.
  int width = 0;
  /// The breakdowns that are shown.
  std::vector<ReportBreakdown::By> breakdowns = {};
};

/// What the report answers beside its tables; empty if that is nothing.
/// Numbers are percent, and differences points of percent. Ends with a newline
/// where it is not empty.
std::string AnswersText(const ComparisonReport& report,
                        const AnswersStyle& style);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_ANSWERS_ANSWERS_TEXT_H_
