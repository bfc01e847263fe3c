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
  /// What they show, PR_50 to GIOU.
  ReportCell::Kind metric = ReportCell::GIOU;
};

/// What the report answers beside its tables; empty if that is nothing.
/// Numbers are percent, and differences points of percent. Ends with a newline
/// where it is not empty.
std::string AnswersText(const ComparisonReport& report,
                        const AnswersStyle& style);

/// What is claimed and what the runs say to it, without name and verdict: one
/// line, not escaped, which ends with a full stop.
std::string ClaimText(const ReportClaim& claim);

/// Published values beside ours.
struct PaperText {
  /// A line of heads, then one for each value, the first three cells names;
  /// empty where nothing is compared.
  std::vector<std::vector<std::string>> lines;
  /// What is compared although something differs, and what is not compared.
  std::vector<std::string> sentences;
};
PaperText PaperTextOf(const ReportTable& table);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_ANSWERS_ANSWERS_TEXT_H_
