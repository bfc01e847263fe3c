#include "analysis/render_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"
#include "analysis/table_layout.h"

namespace transect {
namespace {

constexpr absl::string_view kGap = "  ";
constexpr char kBold[] = "\x1b[1m";
constexpr char kYellow[] = "\x1b[33m";
constexpr char kReset[] = "\x1b[0m";

// Columns of a terminal that `text` takes, one per code point.
int Width(absl::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string Spaces(int count) { return std::string(std::max(count, 0), ' '); }

std::string PadLeft(absl::string_view text, int width) {
  return absl::StrCat(Spaces(width - Width(text)), text);
}

std::string PadRight(absl::string_view text, int width) {
  return absl::StrCat(text, Spaces(width - Width(text)));
}

std::string Paint(absl::string_view line, const char* color,
                  const TextStyle& style) {
  return style.color ? absl::StrCat(color, line, kReset) : std::string(line);
}

// Breaks `text` between words; every line but the first is indented by two.
std::string Wrap(absl::string_view text, const TextStyle& style) {
  std::string lines;
  int used = 0;
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const int width = Width(word);
    if (used > 0 && style.width > 0 && used + 1 + width > style.width) {
      absl::StrAppend(&lines, "\n", kGap);
      used = static_cast<int>(kGap.size());
    } else if (used > 0) {
      lines += ' ';
      ++used;
    }
    absl::StrAppend(&lines, word);
    used += width;
  }
  return lines + "\n";
}

// One column of a grid as text: the head, then a cell per row, all of one
// width, with numbers below each other.
std::vector<std::string> ColumnText(const Grid& grid, size_t column) {
  int number = 0;
  int spread = 0;
  for (const GridRow& row : grid.rows) {
    number = std::max(number, Width(row.cells[column].number));
    spread = std::max(spread, Width(row.cells[column].spread));
  }
  std::vector<std::string> lines = {grid.columns[column]};
  for (const GridRow& row : grid.rows) {
    const GridCell& cell = row.cells[column];
    std::string line = PadLeft(cell.number, number);
    if (!cell.spread.empty()) {
      absl::StrAppend(&line, " ± ", PadLeft(cell.spread, spread));
    }
    lines.push_back(line + cell.mark);
  }
  int width = 0;
  for (const std::string& line : lines) {
    width = std::max(width, Width(line));
  }
  // The head ends where the numbers end; a mark stands after its number.
  lines.front() = PadLeft(lines.front(), width);
  for (std::string& line : lines) {
    line = PadRight(line, width);
  }
  return lines;
}

// Labels and seeds, which stand before every block of columns.
std::vector<std::string> HeadText(const Grid& grid) {
  int label = Width(kLabelHead);
  int seeds = Width(kSeedsHead);
  for (const GridRow& row : grid.rows) {
    label = std::max(label, Width(row.label));
    seeds = std::max(seeds, Width(row.seeds));
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
    const int width = static_cast<int>(kGap.size()) + Width(column.front());
    if (sizes.empty() || (style.width > 0 && used + width > style.width)) {
      sizes.push_back(0);
      used = head_width;
    }
    ++sizes.back();
    used += width;
  }
  return sizes;
}

void AppendGrid(const Grid& grid, const TextStyle& style, std::string* out) {
  const std::vector<std::string> head = HeadText(grid);
  std::vector<std::vector<std::string>> columns;
  for (size_t i = 0; i < grid.columns.size(); ++i) {
    columns.push_back(ColumnText(grid, i));
  }
  size_t first = 0;
  for (const size_t size : BlockSizes(Width(head.front()), columns, style)) {
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
        for (int i = Width(kGap); i < Width(text); ++i) {
          rule += "─";
        }
        absl::StrAppend(out, absl::StripTrailingAsciiWhitespace(text), "\n",
                        rule, "\n");
        continue;
      }
      const GridRow& row = grid.rows[line - 1];
      const absl::string_view trimmed =
          absl::StripTrailingAsciiWhitespace(text);
      const bool partial = absl::StrContains(row.seeds, kPartialMark);
      absl::StrAppend(out,
                      partial       ? Paint(trimmed, kYellow, style)
                      : row.is_base ? Paint(trimmed, kBold, style)
                                    : std::string(trimmed),
                      "\n");
    }
    first += size;
  }
  for (const std::string& paragraph : grid.caption) {
    *out += Wrap(paragraph, style);
  }
}

}  // namespace

std::string RenderText(const ComparisonReport& report, const TextStyle& style) {
  std::string out =
      absl::StrCat(Paint(OneLine(report.title()), kBold, style), "\n");
  for (const TableLayout& layout : LayOutAll(report)) {
    absl::StrAppend(&out, "\n", Paint(layout.name, kBold, style), "\n");
    AppendGrid(layout.metrics, style, &out);
    for (const std::string& note : layout.notes) {
      out += Wrap(note, style);
    }
    if (!layout.controls.columns.empty()) {
      absl::StrAppend(&out, "\n",
                      Paint(layout.name + ": controls", kBold, style), "\n");
      AppendGrid(layout.controls, style, &out);
    }
  }
  return out;
}

}  // namespace transect
