#include "analysis/formats/render_latex.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "analysis/table_layout.h"

namespace transect {
namespace {

// LaTeX lets go of \@nodocument where a document begins; before that the file
// is alone.
constexpr char kHead[] =
    R"(% Needs booktabs, siunitx and graphicx where it is an \input; compiles alone too.
\makeatletter\ifx\@nodocument\relax\makeatother
\def\transectend{}
\else\makeatother
\documentclass{article}
\usepackage[a4paper,landscape,margin=15mm]{geometry}
\usepackage{booktabs,siunitx,graphicx}
\pagestyle{empty}
\begin{document}
\def\transectend{\end{document}}
\fi
)";
constexpr char kTail[] = "\\transectend\n";

// The least width of a column of numbers, as siunitx counts digits.
struct NumberFormat {
  size_t before = 1;
  size_t after = 0;
  size_t spread = 0;
  bool any = false;
  bool is_signed = false;
  // The longest, for which the column keeps room.
  std::string mark;
};

// Digits before the point.
size_t WholeDigits(absl::string_view number) {
  return std::min(number.find('.'), number.size());
}

NumberFormat FormatOf(const TableGrid& grid, size_t column) {
  NumberFormat format;
  for (const GridRow& row : grid.rows) {
    const GridCell& cell = row.cells[column];
    if (cell.number == kNoNumber || !cell.interval.empty() ||
        cell.number[0] == '<') {
      continue;
    }
    format.any = true;
    if (cell.mark.size() > format.mark.size()) format.mark = cell.mark;
    absl::string_view digits = cell.number;
    if (digits[0] == '+' || digits[0] == '-') {
      format.is_signed = true;
      digits.remove_prefix(1);
    }
    const size_t point = WholeDigits(digits);
    format.before = std::max(format.before, point);
    format.after = std::max(format.after,
                            digits.size() - std::min(digits.size(), point + 1));
    if (!cell.spread.empty()) {
      // Digits that siunitx counts: without the point and a leading 0.
      format.spread = std::max(
          format.spread, cell.spread.size() - (cell.spread[0] == '0' ? 2 : 1));
    }
  }
  return format;
}

// Columns of which some cell has an interval are text: siunitx has no brackets.
bool IsText(const TableGrid& grid, size_t column) {
  return !FormatOf(grid, column).any ||
         std::ranges::any_of(grid.rows, [column](const GridRow& row) {
           return !row.cells[column].interval.empty() ||
                  row.cells[column].number[0] == '<';
         });
}

std::string Superscript(const std::string& mark) {
  return mark.empty()
             ? ""
             : absl::StrCat("{\\textsuperscript{", EscapeLatex(mark), "}}");
}

std::string ColumnType(const TableGrid& grid, size_t column) {
  if (IsText(grid, column)) return "r";
  const NumberFormat format = FormatOf(grid, column);
  return absl::StrCat(
      "S[table-format=", format.is_signed ? "+" : "", format.before, ".",
      format.after,
      format.spread > 0 ? absl::StrCat("(", format.spread, ")") : "",
      Superscript(format.mark), "]");
}

// A spread of nothing but zeros, which siunitx does not print: as text, filled
// up to `before` digits, each of which is as wide as an \enspace.
std::string WithZeroSpread(const GridCell& cell, size_t before) {
  std::string fill;
  for (size_t i = WholeDigits(cell.number); i < before; ++i) {
    fill += "\\enspace";
  }
  return absl::StrCat("{", cell.leading ? "\\bfseries" : "", fill,
                      fill.empty() && !cell.leading ? "" : " ", cell.number,
                      "${}\\pm{}$", cell.spread, "}");
}

std::string CellText(const GridCell& cell, bool is_text, size_t before) {
  const std::string bold = cell.leading ? "\\bfseries " : "";
  if (cell.number == kNoNumber) {
    return absl::StrCat("{--", Superscript(cell.mark), "}");
  }
  if (!is_text && !cell.spread.empty() &&
      cell.spread.find_first_not_of("0.") == std::string::npos) {
    return absl::StrCat(WithZeroSpread(cell, before), Superscript(cell.mark));
  }
  if (!is_text) {
    return absl::StrCat(
        bold, cell.number,
        cell.spread.empty() ? "" : absl::StrCat(" \\pm ", cell.spread),
        Superscript(cell.mark));
  }
  const std::string interval = absl::StrReplaceAll(
      cell.interval, {{"[", "[$"}, {", ", "$, $"}, {"]", "$]"}});
  return absl::StrCat(bold, "$", cell.number, "$", interval.empty() ? "" : " ",
                      interval, Superscript(cell.mark));
}

// One line of a comment.
std::string InComment(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\n", " "}, {"\r", " "}});
}

// Letters, digits and hyphens.
std::string LabelOf(absl::string_view name) {
  std::string label;
  for (const char c : name) {
    if (absl::ascii_isalnum(c)) {
      label += absl::ascii_tolower(c);
    } else if (!label.empty() && label.back() != '-') {
      label += '-';
    }
  }
  return label;
}

void AppendGrid(const std::string& name, const std::string& title,
                const TableGrid& grid, const std::vector<std::string>& notes,
                std::string* out) {
  std::vector<std::string> types = {"l", "l"};
  std::vector<std::string> heads = {kLabelHead, kSeedsHead};
  for (size_t c = 0; c < grid.columns.size(); ++c) {
    types.push_back(ColumnType(grid, c));
    heads.push_back(absl::StrCat("{", EscapeLatex(grid.columns[c]), "}"));
  }
  absl::StrAppend(
      out, "\n% transect table: ", InComment(name),
      "\n\\begin{table*}[tbp]\\centering\\small\n\\caption{",
      EscapeLatex(absl::StrCat(title, ". ", absl::StrJoin(grid.caption, " "))),
      "}\n\\label{tab:", LabelOf(name), "}\n",
      "\\sisetup{separate-uncertainty=true,detect-weight=true,"
      "table-align-text-post=false}\n",
      "\\resizebox{\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi}{!}{%"
      "\n\\begin{tabular}{@{}",
      absl::StrJoin(types, " "), "@{}}\n\\toprule\n",
      absl::StrJoin(heads, " & "), " \\\\\n\\midrule\n");
  for (const GridRow& row : grid.rows) {
    std::vector<std::string> cells = {
        absl::StrCat(EscapeLatex(row.label),
                     row.is_base && row.label != "base" ? " (base)" : ""),
        EscapeLatex(row.seeds)};
    for (size_t c = 0; c < row.cells.size(); ++c) {
      cells.push_back(
          CellText(row.cells[c], IsText(grid, c), FormatOf(grid, c).before));
    }
    absl::StrAppend(
        out, absl::StrJoin(cells, " & "), " \\\\",
        row.runs.empty() ? "" : absl::StrCat(" % runs ", InComment(row.runs)),
        "\n");
  }
  *out += "\\bottomrule\n\\end{tabular}}\n";
  for (const std::string& note : notes) {
    absl::StrAppend(out, "\\par\\smallskip{\\footnotesize\\raggedright ",
                    EscapeLatex(note), "\\par}\n");
  }
  *out += "\\end{table*}\n";
}

}  // namespace

std::string EscapeLatex(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"\\", "\\textbackslash{}"},
                                    {"{", "\\{"},
                                    {"}", "\\}"},
                                    {"$", "\\$"},
                                    {"&", "\\&"},
                                    {"#", "\\#"},
                                    {"%", "\\%"},
                                    {"_", "\\_"},
                                    {"~", "\\textasciitilde{}"},
                                    {"^", "\\textasciicircum{}"},
                                    {"<", "$<$"},
                                    {">", "$>$"},
                                    {"|", "$|$"},
                                    {"*", "$\\ast$"},
                                    {"≥", "$\\ge$"},
                                    {"≤", "$\\le$"},
                                    {"–", "--"},
                                    {"−", "$-$"},
                                    {"±", "$\\pm$"},
                                    {"Δ", "$\\Delta$"},
                                    {"†", "$\\dagger$"},
                                    {"‡", "\\ddag{}"},
                                    {"¶", "\\P{}"},
                                    {"§", "\\S{}"},
                                    {"✓", "$\\surd$"},
                                    {"°", "$\\circ$"},
                                    {"×", "$\\times$"},
                                    {"…", "\\dots{}"},
                                    {"\n", " "}});
}

std::string RenderLatex(const ComparisonReport& report) {
  std::string out = kHead;
  const std::string title = ShownText(report.title());
  for (const TableLayout& layout : LayOutAll(report)) {
    AppendGrid(layout.name, absl::StrCat(title, ", ", layout.name),
               layout.metrics, layout.notes, &out);
    if (!layout.controls.columns.empty()) {
      const std::string name = layout.name + ": controls";
      AppendGrid(name, absl::StrCat(title, ", ", name), layout.controls, {},
                 &out);
    }
  }
  return out + kTail;
}

}  // namespace transect
