#include "analysis/audit/audit_text.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "analysis/audit/findings.h"
#include "data/io/terminal_text.h"

namespace transect {
namespace {

using Lines = std::vector<std::vector<std::string>>;

void AddSentence(absl::string_view sentence, int width, std::string* text) {
  absl::StrAppend(text,
                  WrapText(absl::StrCat("- ", OneLine(sentence)), width, 2));
}

std::vector<std::string> FitCells(const AuditGroup::Fit& fit, int values) {
  return {absl::StrCat(fit.items()),
          fit.split().empty() ? "scan" : OneLine(fit.split()),
          ShorteningName(fit.shortening()),
          absl::StrCat(fit.fits(), " of ", values),
          absl::StrFormat("%.1f", fit.expected()),
          ProbabilityText(fit.tail()),
          ProbabilityText(fit.corrected_tail())};
}

// "1262 t": the k, and whether it fits rounded (r) or truncated (t).
std::string ShareCell(const AuditGroup::Value& value) {
  if (value.k() < 0) return absl::StrCat(OneLine(value.printed()), " -");
  return absl::StrCat(value.k(), " ", value.rounded() ? "r" : "",
                      value.truncated() ? "t" : "");
}

std::string GroupText(const AuditGroup& group) {
  std::string text;
  Lines lines = {
      {"N", "split", "shortened", "fits", "by chance", "p", "p, corrected"}};
  for (const AuditGroup::Fit& fit : group.known()) {
    if (SaysNothing(fit, group.values())) continue;
    lines.push_back(FitCells(fit, group.values()));
  }
  for (const AuditGroup::Fit& fit : group.scan()) {
    lines.push_back(FitCells(fit, group.values()));
  }
  absl::StrAppend(&text, AlignColumns(lines, {.left_columns = 3, .margin = 2}),
                  "\n");
  Lines rows = {{"row"}};
  bool several_sources = false;
  for (const AuditGroup::Row& row : group.rows()) {
    several_sources |= row.source() != group.rows(0).source();
  }
  for (const AuditGroup::Value& value : group.rows(0).values()) {
    rows[0].push_back(OneLine(value.column()));
  }
  for (const AuditGroup::Row& row : group.rows()) {
    std::vector<std::string> cells = {
        several_sources ? absl::StrCat(OneLine(row.label()), " (",
                                       OneLine(row.source()), ")")
                        : OneLine(row.label())};
    for (const AuditGroup::Value& value : row.values()) {
      cells.push_back(ShareCell(value));
    }
    rows.push_back(std::move(cells));
  }
  absl::StrAppend(&text, AlignColumns(rows, {.left_columns = 1, .margin = 2}));
  return text;
}

}  // namespace

std::string AuditText(const AuditReport& report, int width) {
  std::string text = "Audit of\n";
  for (const std::string& source : report.sources()) {
    AddSentence(source, width, &text);
  }
  absl::StrAppend(&text, "\nFindings\n");
  for (const std::string& finding : report.findings()) {
    AddSentence(finding, width, &text);
  }
  if (!report.conflicts().empty()) {
    absl::StrAppend(&text, "\nConflicts\n");
    for (const AuditConflict& conflict : report.conflicts()) {
      AddSentence(conflict.text(), width, &text);
    }
  }
  for (const AuditGroup& group : report.groups()) {
    const std::string number = group.items() > 0
                                   ? absl::StrCat("N = ", group.items(), " (",
                                                  OneLine(group.split()), ")")
                                   : "no known N";
    absl::StrAppend(&text, "\n", CountText(group.rows_size(), "row"), ", ",
                    CountText(group.values(), "value"), ", ", number, "\n",
                    GroupText(group));
  }
  absl::StrAppend(&text,
                  "\nA value is shown as the k of k / N, r where it fits "
                  "rounded, t where truncated; where none\nfits as printed, "
                  "with a dash.\n\nRemarks\n");
  for (const std::string& remark : report.remarks()) {
    AddSentence(remark, width, &text);
  }
  return text;
}

}  // namespace transect
