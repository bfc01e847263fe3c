#include "analysis/formats/render_html.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "analysis/table_layout.h"

namespace transect {
namespace {

constexpr char kStyle[] = R"css(<style>
body{font:16px/1.45 system-ui,sans-serif;margin:1.5rem;color:#111;background:#fff}
.wide{overflow-x:auto}
table{border-collapse:collapse;border-top:2px solid;border-bottom:2px solid;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .6rem;text-align:right;white-space:nowrap}
thead th{border-bottom:1px solid}
th:first-child{text-align:left}
tr.base th:first-child::after{content:' (base)';font-weight:normal}
.published{color:#555}
p,li{max-width:75ch}
</style>
)css";

std::string CellText(const GridCell& cell) {
  std::string value = EscapeHtml(cell.number);
  if (!cell.spread.empty()) {
    absl::StrAppend(&value, " ± ", EscapeHtml(cell.spread));
  }
  if (cell.leading) value = absl::StrCat("<b>", value, "</b>");
  if (!cell.interval.empty()) {
    absl::StrAppend(&value, " ", EscapeHtml(cell.interval));
  }
  return absl::StrCat(value, EscapeHtml(cell.mark));
}

void AppendGrid(const std::string& name, const TableGrid& grid,
                std::string* out) {
  absl::StrAppend(out, "<h2>", EscapeHtml(name),
                  "</h2>\n<div class=\"wide\"><table>\n<thead><tr><th "
                  "scope=\"col\">",
                  kLabelHead, "</th><th scope=\"col\">", kSeedsHead, "</th>");
  for (const std::string& column : grid.columns) {
    absl::StrAppend(out, "<th scope=\"col\">", EscapeHtml(column), "</th>");
  }
  *out += "</tr></thead>\n<tbody>\n";
  for (const GridRow& row : grid.rows) {
    absl::StrAppend(out, "<tr",
                    row.is_base && row.label != "base" ? " class=\"base\""
                    : row.is_published                 ? " class=\"published\""
                                                       : "",
                    row.runs.empty() ? ""
                                     : absl::StrCat(" data-runs=\"",
                                                    EscapeHtml(row.runs), "\""),
                    "><th scope=\"row\">", EscapeHtml(row.label), "</th><td>",
                    EscapeHtml(row.seeds), "</td>");
    for (const GridCell& cell : row.cells) {
      absl::StrAppend(out, "<td>", CellText(cell), "</td>");
    }
    *out += "</tr>\n";
  }
  *out += "</tbody></table></div>\n";
  for (const std::string& paragraph : grid.caption) {
    absl::StrAppend(out, "<p>", EscapeHtml(paragraph), "</p>\n");
  }
}

}  // namespace

std::string EscapeHtml(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"&", "&amp;"},
                                    {"<", "&lt;"},
                                    {">", "&gt;"},
                                    {"\"", "&quot;"},
                                    {"'", "&#39;"}});
}

std::string TableHtml(const TableLayout& layout) {
  std::string out;
  AppendGrid(layout.name, layout.metrics, &out);
  if (!layout.notes.empty()) {
    out += "<ul>\n";
    for (const std::string& note : layout.notes) {
      absl::StrAppend(&out, "<li>", EscapeHtml(note), "</li>\n");
    }
    out += "</ul>\n";
  }
  if (!layout.controls.columns.empty()) {
    AppendGrid(layout.name + ": controls", layout.controls, &out);
  }
  return out;
}

std::string RenderHtml(const ComparisonReport& report) {
  const std::string title = EscapeHtml(ShownText(report.title()));
  std::string out = absl::StrCat(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>",
      title, "</title>\n", kStyle, "</head><body>\n<h1>", title, "</h1>\n");
  for (const TableLayout& layout : LayOutAll(report)) out += TableHtml(layout);
  return out + "</body></html>\n";
}

}  // namespace transect
