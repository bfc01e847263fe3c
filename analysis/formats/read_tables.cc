#include "analysis/formats/read_tables.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "analysis/written/csv.h"
#include "re2/re2.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Labels and heads of any format without markup, for comparing.
std::string Plain(absl::string_view text) {
  std::string plain(text);
  RE2::GlobalReplace(&plain, "<[^>]*>", "");
  plain = absl::StrReplaceAll(plain, {{"\\textbackslash", ""},
                                      {"\\Delta", "Δ"},
                                      {"\\pm", "±"},
                                      {"\\ast", "*"},
                                      {"&lt;", "<"},
                                      {"&gt;", ">"},
                                      {"&amp;", "&"},
                                      {"&quot;", "\""},
                                      {"&#39;", "'"},
                                      {"(base)", ""}});
  std::erase_if(plain, [](char c) {
    return absl::string_view("{}$*\\` ").find(c) != absl::string_view::npos;
  });
  return plain;
}

// Adds a row under the heads of the last table, if it fits.
void AddRow(std::vector<std::string> cells, std::string runs, int line,
            std::vector<ReadTable>* tables) {
  if (tables->empty() || tables->back().heads.size() != cells.size()) return;
  ReadRow row;
  row.label = Plain(cells[0]);
  row.runs = std::string(absl::StripAsciiWhitespace(runs));
  row.cells = std::move(cells);
  row.line = line;
  tables->back().rows.push_back(std::move(row));
}

void AddHeads(const std::vector<std::string>& cells, std::string name,
              std::vector<ReadTable>* tables) {
  ReadTable& table = tables->emplace_back();
  table.name = std::move(name);
  for (const std::string& cell : cells) table.heads.push_back(Plain(cell));
}

std::vector<std::string> SplitCells(absl::string_view line,
                                    absl::string_view separator) {
  // What is escaped is no separator.
  const std::string escaped = absl::StrCat("\\", separator);
  const std::string kept =
      absl::StrReplaceAll(line, {{escaped, std::string(1, '\x01')}});
  std::vector<std::string> cells;
  for (const absl::string_view cell : absl::StrSplit(kept, separator)) {
    cells.push_back(absl::StrReplaceAll(absl::StripAsciiWhitespace(cell),
                                        {{"\x01", escaped}}));
  }
  return cells;
}

std::vector<ReadTable> ReadMarkdown(
    const std::vector<absl::string_view>& lines) {
  std::vector<ReadTable> tables;
  std::string name;
  std::optional<std::vector<std::string>> heads;
  bool in_runs = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    const absl::string_view line = absl::StripAsciiWhitespace(lines[i]);
    if (absl::StartsWith(line, "#")) {
      name = Plain(line.substr(std::min(line.find(' '), line.size())));
    }
    // "LABEL: seed 1 ID/CODE, ..." of the tables above.
    if (line == "<!-- runs") in_runs = true;
    if (line == "-->") in_runs = false;
    const size_t colon = line.rfind(": ");
    if (in_runs && colon != absl::string_view::npos) {
      const std::string label = Plain(line.substr(0, colon));
      for (ReadTable& table : tables) {
        for (ReadRow& row : table.rows) {
          if (row.runs.empty() && row.label == label) {
            row.runs = std::string(line.substr(colon + 2));
          }
        }
      }
    }
    if (!absl::StartsWith(line, "|") || line.size() < 2) {
      heads.reset();
      continue;
    }
    const bool closed = absl::EndsWith(line, "|");
    std::vector<std::string> cells =
        SplitCells(line.substr(1, line.size() - (closed ? 2 : 1)), "|");
    if (!heads.has_value()) {
      heads = cells;
      AddHeads(cells, name, &tables);
    } else if (!std::ranges::all_of(cells, [](const std::string& cell) {
                 return RE2::FullMatch(cell, ":?-+:?");
               })) {
      AddRow(std::move(cells), "", static_cast<int>(i + 1), &tables);
    }
  }
  return tables;
}

// Where a comment of TeX begins.
size_t CommentAt(absl::string_view line) {
  for (size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
    } else if (line[i] == '%') {
      return i;
    }
  }
  return line.size();
}

std::vector<ReadTable> ReadLatex(const std::vector<absl::string_view>& lines) {
  constexpr absl::string_view kName = "% transect table: ";
  constexpr absl::string_view kRuns = "% runs ";
  std::vector<ReadTable> tables;
  std::string name;
  std::string row;
  bool in_table = false;
  bool has_heads = false;
  for (size_t i = 0; i < lines.size(); ++i) {
    const absl::string_view line = absl::StripAsciiWhitespace(lines[i]);
    if (absl::StartsWith(line, kName)) {
      name = Plain(line.substr(kName.size()));
    }
    const size_t comment = CommentAt(line);
    const absl::string_view code = line.substr(0, comment);
    if (absl::StrContains(code, "\\toprule")) {
      in_table = true;
      has_heads = false;
      row.clear();
      continue;
    }
    if (absl::StrContains(code, "\\bottomrule")) {
      in_table = false;
      name.clear();
    }
    if (!in_table || absl::StrContains(code, "\\midrule")) continue;
    absl::StrAppend(&row, row.empty() ? "" : " ", code);
    const size_t end = row.rfind("\\\\");
    if (end == std::string::npos) continue;
    std::vector<std::string> cells = SplitCells(row.substr(0, end), "&");
    row.clear();
    if (!has_heads) {
      AddHeads(cells, name, &tables);
      has_heads = true;
      continue;
    }
    const absl::string_view rest = line.substr(comment);
    AddRow(std::move(cells),
           absl::StartsWith(rest, kRuns)
               ? std::string(rest.substr(kRuns.size()))
               : "",
           static_cast<int>(i + 1), &tables);
  }
  return tables;
}

std::vector<ReadTable> ReadHtml(absl::string_view text) {
  static const RE2* const element =
      new RE2("(?s)<h2[^>]*>(.*?)</h2>|<tr([^>]*)>(.*?)</tr>|<table([^>]*)>");
  static const RE2* const cell = new RE2("(?s)<t([hd])[^>]*>(.*?)</t[hd]>");
  std::vector<ReadTable> tables;
  std::string name;
  const std::string page(text);
  re2::StringPiece rest(page);
  re2::StringPiece heading, attributes, content, kind_of_table;
  // Tables of the report page that are none of the report's.
  bool is_beside = false;
  while (RE2::FindAndConsume(&rest, *element, &heading, &attributes, &content,
                             &kind_of_table)) {
    if (kind_of_table.data() != nullptr) {
      is_beside = RE2::PartialMatch(kind_of_table, "class=\"beside[\" ]");
      continue;
    }
    if (is_beside && content.data() != nullptr) continue;
    if (content.data() == nullptr) {
      name = Plain(absl::string_view(heading.data(), heading.size()));
      continue;
    }
    std::vector<std::string> cells;
    std::string kind, value;
    bool is_head = true;
    re2::StringPiece row = content;
    while (RE2::FindAndConsume(&row, *cell, &kind, &value)) {
      is_head = is_head && kind == "h";
      cells.push_back(value);
    }
    if (is_head) {
      AddHeads(cells, name, &tables);
      continue;
    }
    std::string runs;
    RE2::PartialMatch(attributes, "data-runs=\"([^\"]*)\"", &runs);
    const auto line =
        static_cast<int>(std::count(page.data(), content.data(), '\n') + 1);
    AddRow(std::move(cells), std::move(runs), line, &tables);
  }
  return tables;
}

absl::StatusOr<std::vector<ReadTable>> ReadCsv(absl::string_view text,
                                               absl::string_view path) {
  TRANSECT_ASSIGN_OR_RETURN(const auto lines, ParseCsv(text, path));
  std::vector<ReadTable> tables;
  if (lines.empty()) return tables;
  const auto place = [&lines](absl::string_view head) {
    return static_cast<size_t>(std::ranges::find(lines[0], head) -
                               lines[0].begin());
  };
  const size_t table = place("table");
  const size_t label = place("cell");
  const size_t runs = place("runs");
  for (size_t i = 1; i < lines.size(); ++i) {
    std::vector<std::string> cells = lines[i];
    const std::string name = table < cells.size() ? Plain(cells[table]) : "";
    if (tables.empty() || tables.back().name != name) {
      AddHeads(lines[0], name, &tables);
    }
    const std::string of_runs = runs < cells.size() ? cells[runs] : "";
    const std::string of_label = label < cells.size() ? cells[label] : cells[0];
    AddRow(std::move(cells), of_runs, static_cast<int>(i + 1), &tables);
    tables.back().rows.back().label = Plain(of_label);
  }
  return tables;
}

}  // namespace

absl::StatusOr<TableFormat> TableFormatOf(absl::string_view path) {
  for (const auto& [ending, format] :
       {std::pair{".tex", TableFormat::kLatex},
        std::pair{".md", TableFormat::kMarkdown},
        std::pair{".csv", TableFormat::kCsv},
        std::pair{".html", TableFormat::kHtml}}) {
    if (absl::EndsWith(path, ending)) return format;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", path, "' ends in none of .tex, .md, .csv and .html"));
}

absl::StatusOr<std::vector<ReadTable>> ReadTables(absl::string_view text,
                                                  TableFormat format,
                                                  absl::string_view path) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  std::vector<ReadTable> tables;
  switch (format) {
    case TableFormat::kLatex:
      tables = ReadLatex(lines);
      break;
    case TableFormat::kMarkdown:
      tables = ReadMarkdown(lines);
      break;
    case TableFormat::kHtml:
      tables = ReadHtml(text);
      break;
    case TableFormat::kCsv:
      TRANSECT_ASSIGN_OR_RETURN(tables, ReadCsv(text, path));
      break;
  }
  std::erase_if(tables,
                [](const ReadTable& table) { return table.rows.empty(); });
  return tables;
}

CellContent ContentOf(absl::string_view cell) {
  static const RE2* const number = new RE2("([<+-]?\\d+(?:\\.\\d+)?)");
  std::string text(cell);
  RE2::GlobalReplace(&text, "</?[a-z][^>]*>", " ");
  text = absl::StrReplaceAll(text, {{"\\ddag", "‡"},
                                    {"\\dagger", "†"},
                                    {"\\dag", "†"},
                                    {"\\P{", "¶{"},
                                    {"\\S{", "§{"},
                                    {"\\surd", "✓"},
                                    {"\\circ", "°"},
                                    {"\\ast", "*"},
                                    {"**", ""},
                                    {"−", "-"},
                                    {"&lt;", "<"},
                                    {"$", ""}});
  // siunitx: the last digits of the number before.
  std::string whole, digits, last;
  while (RE2::PartialMatch(text, "(\\d+)\\.(\\d+)\\((\\d+)\\)", &whole, &digits,
                           &last)) {
    while (last.size() <= digits.size()) last.insert(0, "0");
    const std::string value =
        absl::StrCat(last.substr(0, last.size() - digits.size()), ".",
                     last.substr(last.size() - digits.size()));
    RE2::Replace(&text, "(\\d+\\.\\d+)\\(\\d+\\)", absl::StrCat("\\1 ", value));
  }
  CellContent content;
  re2::StringPiece rest(text);
  std::string found;
  while (RE2::FindAndConsume(&rest, *number, &found)) {
    content.numbers.push_back(found);
  }
  for (const absl::string_view mark : {"†", "‡", "¶", "§", "°", "*", "✓"}) {
    if (absl::StrContains(text, mark)) absl::StrAppend(&content.marks, mark);
  }
  return content;
}

}  // namespace transect
