#include "analysis/formats/page/verdicts.h"

#include "absl/strings/str_cat.h"
#include "analysis/answers/answers_text.h"
#include "analysis/answers/claims.h"
#include "analysis/formats/page/plain_table.h"
#include "analysis/formats/render_html.h"
#include "analysis/table_layout.h"

namespace transect {
namespace {

// A sign, so that the verdict can be seen without color.
const char* SignOf(ReportClaim::Verdict verdict) {
  return verdict == ReportClaim::SUPPORTED      ? "✓"
         : verdict == ReportClaim::CONTRADICTED ? "✗"
                                                : "?";
}

}  // namespace

std::string ClaimsHtml(const ReportTable& table) {
  if (table.claims().empty()) return "";
  std::string html = "<h3>Claims</h3>\n<ul class=\"claims\">\n";
  for (const ReportClaim& claim : table.claims()) {
    const std::string verdict = VerdictText(claim.verdict());
    absl::StrAppend(&html, "<li><b class=\"verdict ", verdict, "\">",
                    SignOf(claim.verdict()), " ", verdict, "</b> <b>",
                    EscapeHtml(ShownText(claim.name())), "</b>. ",
                    EscapeHtml(ShownText(ClaimText(claim))), "</li>\n");
  }
  return absl::StrCat(html, "</ul>\n");
}

std::string PaperHtml(const ReportTable& table) {
  const PaperText text = PaperTextOf(table);
  if (text.lines.empty() && text.sentences.empty()) return "";
  std::string html = "<h3>Paper and ours</h3>\n";
  if (!text.lines.empty()) {
    html += PlainTableHtml("Published values beside ours", text.lines, 3);
  }
  if (text.sentences.empty()) return html;
  html += "<ul>\n";
  for (const std::string& sentence : text.sentences) {
    absl::StrAppend(&html, "<li>", EscapeHtml(ShownText(sentence)), "</li>\n");
  }
  return absl::StrCat(html, "</ul>\n");
}

}  // namespace transect
