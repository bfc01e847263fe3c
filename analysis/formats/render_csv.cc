#include "analysis/formats/render_csv.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "analysis/table_layout.h"
#include "analysis/written/csv.h"

namespace transect {
namespace {

// A row's values by head.
using Values = std::map<std::string, std::string>;

// What a column needs beside its own head.
struct ColumnUse {
  std::string head;
  bool has_spread = false;
  bool has_interval = false;
};

std::string AsciiHead(absl::string_view head) {
  return absl::StrReplaceAll(head, {{"Δ", "delta"}});
}

ColumnUse& UseOf(const std::string& head, std::vector<ColumnUse>* columns) {
  const auto found = std::ranges::find(*columns, head, &ColumnUse::head);
  return found != columns->end() ? *found
                                 : columns->emplace_back(ColumnUse{head});
}

void AddMark(const std::string& mark, std::string* marks) {
  if (!mark.empty() && !absl::StrContains(*marks, mark)) *marks += mark;
}

void AddCells(const TableGrid& grid, size_t row,
              std::vector<ColumnUse>* columns, Values* values) {
  for (size_t c = 0; c < grid.columns.size(); ++c) {
    const GridCell& cell = grid.rows[row].cells[c];
    const std::string head = AsciiHead(grid.columns[c]);
    ColumnUse& use = UseOf(head, columns);
    AddMark(cell.mark, &(*values)["marks"]);
    if (cell.leading)
      AddMark(absl::StrCat(" best ", head), &(*values)["marks"]);
    if (cell.number == kNoNumber) continue;
    (*values)[head] = cell.number;
    if (!cell.spread.empty()) {
      use.has_spread = true;
      (*values)[absl::StrCat(head, " spread")] = cell.spread;
    }
    const std::vector<std::string> bounds = absl::StrSplit(
        absl::StrReplaceAll(cell.interval, {{"[", ""}, {"]", ""}}), ", ");
    if (bounds.size() == 2) {
      use.has_interval = true;
      (*values)[absl::StrCat(head, " low")] = bounds[0];
      (*values)[absl::StrCat(head, " high")] = bounds[1];
    }
  }
}

}  // namespace

std::string RenderCsv(const ComparisonReport& report) {
  std::vector<ColumnUse> columns;
  std::vector<Values> rows;
  for (const TableLayout& layout : LayOutAll(report)) {
    for (size_t i = 0; i < layout.metrics.rows.size(); ++i) {
      const GridRow& row = layout.metrics.rows[i];
      Values& values = rows.emplace_back();
      values = {{"table", layout.name},
                {"cell", row.label},
                {"base", row.is_base ? "1" : "0"},
                {"published", row.is_published ? "1" : "0"},
                {"n", row.seeds},
                {"runs", row.runs}};
      AddCells(layout.metrics, i, &columns, &values);
      const auto control = std::ranges::find_if(
          layout.controls.rows, [&row](const GridRow& other) {
            return !row.is_published && other.label == row.label;
          });
      if (control != layout.controls.rows.end()) {
        AddCells(layout.controls,
                 static_cast<size_t>(control - layout.controls.rows.begin()),
                 &columns, &values);
      }
    }
  }
  std::vector<std::string> heads = {"table", "cell", "base", "published", "n"};
  for (const ColumnUse& use : columns) {
    heads.push_back(use.head);
    if (use.has_spread) heads.push_back(absl::StrCat(use.head, " spread"));
    if (use.has_interval) {
      heads.push_back(absl::StrCat(use.head, " low"));
      heads.push_back(absl::StrCat(use.head, " high"));
    }
  }
  heads.insert(heads.end(), {"marks", "runs"});
  std::string csv;
  AppendCsvLine(heads, &csv);
  for (Values& row : rows) {
    std::vector<std::string> cells;
    for (const std::string& head : heads) cells.push_back(row[head]);
    AppendCsvLine(cells, &csv);
  }
  return csv;
}

}  // namespace transect
