#include "analysis/formats/render_text.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "analysis/table_layout.h"
#include "data/io/terminal_text.h"

namespace transect {
namespace {

constexpr absl::string_view kGap = "  ";
// In place of bold, which not every terminal has and no file.
constexpr absl::string_view kLeadingMark = "^";

std::string Title(absl::string_view text, const TextStyle& style) {
  return Styled(text, TerminalStyle::kBold, style.color);
}

// Every line but the first is indented.
std::string Paragraph(absl::string_view text, const TextStyle& style) {
  return WrapText(text, style.width, DisplayWidth(kGap));
}

// One column of a grid as text: the head, then a cell per row, all of one
// width, with numbers below each other.
std::vector<std::string> ColumnText(const TableGrid& grid, size_t column) {
  int number = 0;
  int spread = 0;
  int interval = 0;
  for (const GridRow& row : grid.rows) {
    number = std::max(number, DisplayWidth(row.cells[column].number));
    spread = std::max(spread, DisplayWidth(row.cells[column].spread));
    interval = std::max(interval, DisplayWidth(row.cells[column].interval));
  }
  std::vector<std::string> lines = {grid.columns[column]};
  for (const GridRow& row : grid.rows) {
    const GridCell& cell = row.cells[column];
    std::string line = PadLeft(cell.number, number);
    if (!cell.spread.empty()) {
      absl::StrAppend(&line, " ± ", PadLeft(cell.spread, spread));
    }
    if (!cell.interval.empty()) {
      absl::StrAppend(&line, " ", PadLeft(cell.interval, interval));
    }
    absl::StrAppend(&line, cell.leading ? kLeadingMark : "", cell.mark);
    lines.push_back(std::move(line));
  }
  int width = 0;
  for (const std::string& line : lines) {
    width = std::max(width, DisplayWidth(line));
  }
  // The head ends where the numbers end; a mark stands after its number.
  lines.front() = PadLeft(lines.front(), width);
  for (std::string& line : lines) {
    line = PadRight(line, width);
  }
  return lines;
}

// Labels and seeds, which stand before every block of columns.
std::vector<std::string> HeadText(const TableGrid& grid) {
  int label = DisplayWidth(kLabelHead);
  int seeds = DisplayWidth(kSeedsHead);
  for (const GridRow& row : grid.rows) {
    label = std::max(label, DisplayWidth(row.label));
    seeds = std::max(seeds, DisplayWidth(row.seeds));
  }
  std::vector<std::string> lines = {absl::StrCat(
      kGap, PadRight(kLabelHead, label), kGap, PadRight(kSeedsHead, seeds))};
  for (const GridRow& row : grid.rows) {
    lines.push_back(absl::StrCat(row.is_base ? "● " : kGap,
                                 PadRight(row.label, label), kGap,
                                 PadRight(row.seeds, seeds)));
  }
  return lines;
}

// Numbers of columns that fit beside the head, block by block; one at least.
std::vector<size_t> BlockSizes(
    int head_width, absl::Span<const std::vector<std::string>> columns,
    const TextStyle& style) {
  std::vector<size_t> sizes;
  int used = 0;
  for (const std::vector<std::string>& column : columns) {
    const int width = DisplayWidth(kGap) + DisplayWidth(column.front());
    if (sizes.empty() || (style.width > 0 && used + width > style.width)) {
      sizes.push_back(0);
      used = head_width;
    }
    ++sizes.back();
    used += width;
  }
  return sizes;
}

void AppendGrid(const TableGrid& grid, const TextStyle& style,
                std::string* out) {
  const std::vector<std::string> head = HeadText(grid);
  std::vector<std::vector<std::string>> columns;
  for (size_t i = 0; i < grid.columns.size(); ++i) {
    columns.push_back(ColumnText(grid, i));
  }
  size_t first = 0;
  for (const size_t size :
       BlockSizes(DisplayWidth(head.front()), columns, style)) {
    if (first > 0) {
      *out += '\n';
    }
    for (size_t line = 0; line < head.size(); ++line) {
      std::string text = head[line];
      for (size_t i = first; i < first + size; ++i) {
        absl::StrAppend(&text, kGap, columns[i][line]);
      }
      if (line == 0) {
        std::string rule(kGap);
        for (int i = DisplayWidth(kGap); i < DisplayWidth(text); ++i) {
          rule += "─";
        }
        absl::StrAppend(out, absl::StripTrailingAsciiWhitespace(text), "\n",
                        rule, "\n");
        continue;
      }
      const GridRow& row = grid.rows[line - 1];
      const absl::string_view trimmed =
          absl::StripTrailingAsciiWhitespace(text);
      const TerminalStyle line_style =
          absl::StrContains(row.seeds, kPartialMark) ? TerminalStyle::kYellow
          : row.is_base                              ? TerminalStyle::kBold
                                                     : TerminalStyle::kPlain;
      absl::StrAppend(out, Styled(trimmed, line_style, style.color), "\n");
    }
    first += size;
  }
  for (const std::string& paragraph : grid.caption) {
    *out +=
        Paragraph(absl::StrReplaceAll(
                      paragraph, {{"Bold: ", absl::StrCat(kLeadingMark, " ")}}),
                  style);
  }
}

}  // namespace

std::string RenderText(const ComparisonReport& report, const TextStyle& style) {
  std::string out = absl::StrCat(Title(ShownText(report.title()), style), "\n");
  for (const TableLayout& layout : LayOutAll(report)) {
    absl::StrAppend(&out, "\n", Title(layout.name, style), "\n");
    AppendGrid(layout.metrics, style, &out);
    for (const std::string& note : layout.notes) {
      out += Paragraph(note, style);
    }
    if (!layout.controls.columns.empty()) {
      absl::StrAppend(&out, "\n", Title(layout.name + ": controls", style),
                      "\n");
      AppendGrid(layout.controls, style, &out);
    }
  }
  return out;
}

}  // namespace transect
