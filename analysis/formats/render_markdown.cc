#include "analysis/formats/render_markdown.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "analysis/table_layout.h"
#include "analysis/written/markdown.h"

namespace transect {
namespace {

std::string CellText(const GridCell& cell) {
  const std::string value =
      absl::StrCat(absl::StrReplaceAll(cell.number, {{"<", "&lt;"}}),
                   cell.spread.empty() ? "" : " ± ", cell.spread);
  return absl::StrCat(cell.leading ? absl::StrCat("**", value, "**") : value,
                      cell.interval.empty() ? "" : " ",
                      EscapeMarkdown(cell.interval), EscapeMarkdown(cell.mark));
}

// A base that is named so need not be called so.
std::string BaseLabel(const std::string& label) {
  return absl::StrCat("**", label, label == "base" ? "**" : "** (base)");
}

void AppendGrid(const TableGrid& grid, std::string* out) {
  std::vector<std::string> heads = {kLabelHead, kSeedsHead};
  std::vector<std::string> rules = {"---", "---"};
  for (const std::string& column : grid.columns) {
    heads.push_back(EscapeMarkdown(column));
    rules.push_back("---:");
  }
  absl::StrAppend(out, "| ", absl::StrJoin(heads, " | "), " |\n|",
                  absl::StrJoin(rules, "|"), "|\n");
  for (const GridRow& row : grid.rows) {
    const std::string label = EscapeMarkdown(row.label);
    std::vector<std::string> cells = {row.is_base ? BaseLabel(label) : label,
                                      EscapeMarkdown(row.seeds)};
    for (const GridCell& cell : row.cells) {
      cells.push_back(CellText(cell));
    }
    absl::StrAppend(out, "| ", absl::StrJoin(cells, " | "), " |\n");
  }
  for (const std::string& paragraph : grid.caption) {
    absl::StrAppend(out, "\n", EscapeMarkdown(paragraph), "\n");
  }
}

// Two hyphens end a comment in some parsers, wherever in a row of them.
std::string InComment(absl::string_view text) {
  std::string out;
  for (const char byte : text) {
    if (byte == '-' && !out.empty() && out.back() == '-') out += ' ';
    out += byte;
  }
  return out;
}

}  // namespace

std::string RenderMarkdown(const ComparisonReport& report) {
  std::string out =
      absl::StrCat("# ", EscapeMarkdown(ShownText(report.title())), "\n");
  for (const TableLayout& layout : LayOutAll(report)) {
    absl::StrAppend(&out, "\n## ", EscapeMarkdown(layout.name), "\n\n");
    AppendGrid(layout.metrics, &out);
    if (!layout.notes.empty()) {
      out += "\n";
    }
    for (const std::string& note : layout.notes) {
      absl::StrAppend(&out, "- ", EscapeMarkdown(note), "\n");
    }
    if (!layout.controls.columns.empty()) {
      absl::StrAppend(&out, "\n### ", EscapeMarkdown(layout.name),
                      ": controls\n\n");
      AppendGrid(layout.controls, &out);
    }
    out += "\n<!-- runs\n";
    for (const std::string& line : layout.run_ids) {
      absl::StrAppend(&out, InComment(line), "\n");
    }
    out += "-->\n";
  }
  return out;
}

}  // namespace transect
