#include "analysis/written/csv.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace transect {
namespace {

// Reads the cell at `*at` and moves behind it. False if it is not one.
bool ReadCell(absl::string_view csv, size_t* at, int* line, std::string* cell) {
  if (*at == csv.size() || csv[*at] != '"') {
    const size_t end = std::min(csv.find_first_of(",\r\n", *at), csv.size());
    *cell = std::string(csv.substr(*at, end - *at));
    *at = end;
    return true;
  }
  for (++*at; *at < csv.size(); ++*at) {
    if (csv[*at] == '"') {
      ++*at;
      if (*at == csv.size() || csv[*at] != '"') {
        return *at == csv.size() || csv[*at] == ',' || csv[*at] == '\r' ||
               csv[*at] == '\n';
      }
    }
    *line += csv[*at] == '\n' ? 1 : 0;
    cell->push_back(csv[*at]);
  }
  return false;
}

}  // namespace

void AppendCsvLine(absl::Span<const std::string> cells, std::string* csv) {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) csv->push_back(',');
    if (cells[i].find_first_of(",\"\r\n") == std::string::npos) {
      absl::StrAppend(csv, cells[i]);
    } else {
      absl::StrAppend(csv, "\"",
                      absl::StrReplaceAll(cells[i], {{"\"", "\"\""}}), "\"");
    }
  }
  csv->push_back('\n');
}

absl::StatusOr<std::vector<std::vector<std::string>>> ParseCsv(
    absl::string_view csv, absl::string_view name) {
  absl::ConsumePrefix(&csv, "\xef\xbb\xbf");
  std::vector<std::vector<std::string>> lines;
  std::vector<std::string> cells;
  int line = 1;
  for (size_t at = 0; at < csv.size();) {
    const int began = line;
    std::string cell;
    if (!ReadCell(csv, &at, &line, &cell)) {
      return absl::InvalidArgumentError(absl::StrCat(
          name, ":", began,
          ": a quote has no partner, or text follows the closing one"));
    }
    cells.push_back(std::move(cell));
    if (at < csv.size() && csv[at] == ',') {
      ++at;
      if (at < csv.size()) continue;
      cells.emplace_back();
    }
    if (at < csv.size() && csv[at] == '\r') ++at;
    if (at < csv.size() && csv[at] == '\n') ++at;
    ++line;
    if (cells.size() == 1 && cells[0].empty()) {
      cells.clear();
      continue;
    }
    if (!lines.empty() && cells.size() != lines[0].size()) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, ":", line - 1, ": has ", cells.size(),
                       " cells; the first line has ", lines[0].size()));
    }
    lines.push_back(std::move(cells));
    cells.clear();
  }
  return lines;
}

}  // namespace transect
