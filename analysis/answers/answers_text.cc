#include "analysis/answers/answers_text.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "analysis/answers/breakdown.h"
#include "analysis/answers/claims.h"
#include "analysis/answers/comparisons.h"
#include "analysis/measure_name.h"
#include "analysis/written/markdown.h"
#include "data/io/terminal_text.h"

namespace transect {
namespace {

using Lines = std::vector<std::vector<std::string>>;

// Writes headings, sentences and tables in one of the formats.
class Writer {
 public:
  explicit Writer(const AnswersStyle& style) : style_(style) {}

  void Heading(absl::string_view text) {
    absl::StrAppend(&text_, "\n",
                    IsMarkdown()
                        ? absl::StrCat("### ", EscapeMarkdown(text), "\n\n")
                        : absl::StrCat(text, "\n"));
  }

  void Sentence(absl::string_view text) {
    const std::string line = OneLine(text);
    absl::StrAppend(&text_,
                    IsMarkdown()
                        ? absl::StrCat("- ", EscapeMarkdown(line), "\n")
                        : WrapText(absl::StrCat("- ", line), style_.width, 2));
  }

  // The first line has the heads, the first `left` columns are names.
  void Table(Lines lines, size_t left) {
    for (std::vector<std::string>& cells : lines) {
      for (std::string& cell : cells) cell = OneLine(cell);
    }
    if (!IsMarkdown()) {
      absl::StrAppend(&text_, AlignColumns(lines, {.left_columns = left,
                                                   .margin = 2,
                                                   .width = style_.width}));
      return;
    }
    for (size_t i = 0; i < lines.size(); ++i) {
      std::vector<std::string> cells;
      for (const std::string& cell : lines[i]) {
        cells.push_back(EscapeMarkdown(cell));
      }
      absl::StrAppend(&text_, "| ", absl::StrJoin(cells, " | "), " |\n");
      if (i > 0) continue;
      for (size_t c = 0; c < cells.size(); ++c) {
        absl::StrAppend(&text_, c < left ? "|---" : "|---:");
      }
      absl::StrAppend(&text_, "|\n");
    }
    absl::StrAppend(&text_, "\n");
  }

  std::string text() const { return text_; }

 private:
  bool IsMarkdown() const { return style_.format == AnswersFormat::kMarkdown; }

  const AnswersStyle& style_;
  std::string text_;
};

std::string NameOf(const ReportTable& table) {
  std::string name = table.name();
  if (!table.split().empty()) absl::StrAppend(&name, ", split ", table.split());
  if (!table.evaluated_later().empty()) {
    absl::StrAppend(&name, " of ", table.evaluated_later());
  }
  return name;
}

std::string Percent(double fraction) {
  return absl::StrFormat("%.2f", 100 * fraction);
}

std::string Points(double fraction) {
  return absl::StrFormat("%+.2f", 100 * fraction);
}

void AddClaims(const ReportTable& table, Writer* writer) {
  if (table.claims().empty()) return;
  writer->Heading(absl::StrCat("claims about ", NameOf(table)));
  for (const ReportClaim& claim : table.claims()) {
    writer->Sentence(absl::StrCat(claim.name(), ": ",
                                  VerdictText(claim.verdict()), ". ",
                                  ClaimText(claim)));
  }
}

// Digits that the verdict is about: "[63.675, 63.685)".
std::string PrintedText(const PublishedComparison& comparison) {
  return absl::StrFormat("[%.5g, %.5g)", 100 * comparison.printed_low(),
                         100 * comparison.printed_high());
}

void AddComparisons(const ReportTable& table, Writer* writer) {
  PaperText text = PaperTextOf(table);
  if (text.lines.empty() && text.sentences.empty()) return;
  writer->Heading(absl::StrCat("paper and ours, ", NameOf(table)));
  if (!text.lines.empty()) writer->Table(std::move(text.lines), 3);
  for (const std::string& sentence : text.sentences) {
    writer->Sentence(sentence);
  }
}

// The metric of a row on a group; "–" where there is none.
std::string PartText(const BreakdownCell& cell, ReportCell::Kind metric) {
  if (cell.n() == 0) return "–";
  switch (metric) {
    case ReportCell::GIOU:
      return cell.has_giou_sd() ? absl::StrCat(Percent(cell.giou()), " ± ",
                                               Percent(cell.giou_sd()))
                                : Percent(cell.giou());
    case ReportCell::CIOU:
      return Percent(cell.ciou());
    default:
      return metric - ReportCell::PR_50 < cell.pr_size()
                 ? Percent(cell.pr(metric - ReportCell::PR_50))
                 : "–";
  }
}

void AddBreakdown(const ReportTable& table, const ReportBreakdown& breakdown,
                  ReportCell::Kind metric, Writer* writer) {
  writer->Heading(absl::StrCat(MeasureName(metric), " by ",
                               BreakdownName(breakdown.by()), ", ",
                               NameOf(table)));
  if (!breakdown.missing().empty()) {
    writer->Sentence(absl::StrCat("There is none: ", breakdown.missing(), "."));
    return;
  }
  Lines lines = {{BreakdownName(breakdown.by()), "items"}};
  for (const ReportRow& row : table.rows()) lines[0].push_back(row.label());
  for (const BreakdownGroup& group : breakdown.groups()) {
    std::vector<std::string> cells = {group.label(),
                                      absl::StrCat(group.items())};
    for (const BreakdownCell& cell : group.cells()) {
      cells.push_back(PartText(cell, metric));
    }
    lines.push_back(std::move(cells));
  }
  writer->Table(std::move(lines), 1);
}

}  // namespace

std::string ClaimText(const ReportClaim& claim) {
  std::string text = claim.text();
  if (claim.has_effect()) {
    absl::StrAppend(&text, ": ", Points(claim.effect()));
    if (claim.has_low()) {
      absl::StrAppend(&text, " [", Points(claim.low()), ", ",
                      Points(claim.high()), "]");
    }
    if (claim.has_p()) absl::StrAppendFormat(&text, ", p = %.2g", claim.p());
    absl::StrAppend(&text, " (", claim.basis(), ")");
  }
  if (!claim.why().empty()) absl::StrAppend(&text, ". Why: ", claim.why());
  if (!claim.source().empty()) {
    absl::StrAppend(&text, ". Claimed in ", claim.source());
  }
  return absl::StrCat(text, ".");
}

PaperText PaperTextOf(const ReportTable& table) {
  PaperText text;
  text.lines = {{"published row", "ours", "metric", "printed", "our interval",
                 "ours - printed", "printed is"}};
  // By reason the rows.
  std::map<std::string, std::vector<std::string>> refused;
  std::map<std::string, std::vector<std::string>> marked;
  for (const ReportPublished& shown : table.published()) {
    const std::string& label = shown.row().label();
    for (const std::string& refusal : shown.refusals()) {
      refused[refusal].push_back(label);
    }
    for (const std::string& difference : shown.differences()) {
      marked[difference].push_back(label);
    }
    for (const PublishedComparison& each : shown.comparisons()) {
      const bool known = each.has_ours_low();
      text.lines.push_back(
          {absl::StrCat(label, shown.differences().empty() ? "" : " (!)"),
           shown.same_as().empty() ? "base" : shown.same_as(),
           MeasureName(each.kind()), PrintedText(each),
           known ? absl::StrCat("[", Percent(each.ours_low()), ", ",
                                Percent(each.ours_high()), "]")
                 : Percent(each.ours()),
           absl::StrCat("[", Points(each.difference_low()), ", ",
                        Points(each.difference_high()), "]"),
           VerdictText(each.verdict())});
    }
  }
  if (text.lines.size() == 1) text.lines.clear();
  if (text.lines.empty() && refused.empty()) return text;
  for (const auto& [difference, labels] : marked) {
    text.sentences.push_back(absl::StrCat("(!) compared although ", difference,
                                          ": ", absl::StrJoin(labels, ", "),
                                          "."));
  }
  for (const auto& [refusal, labels] : refused) {
    text.sentences.push_back(absl::StrCat("not compared, because ", refusal,
                                          ": ", absl::StrJoin(labels, ", "),
                                          "."));
  }
  return text;
}

std::string AnswersText(const ComparisonReport& report,
                        const AnswersStyle& style) {
  Writer writer(style);
  for (const ReportTable& table : report.tables()) {
    AddClaims(table, &writer);
    AddComparisons(table, &writer);
    for (const ReportBreakdown& breakdown : table.breakdowns()) {
      if (std::ranges::find(style.breakdowns, breakdown.by()) !=
          style.breakdowns.end()) {
        AddBreakdown(table, breakdown, style.metric, &writer);
      }
    }
  }
  return writer.text();
}

}  // namespace transect
