#include "analysis/formats/verify.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "analysis/formats/read_tables.h"
#include "analysis/formats/render_csv.h"
#include "analysis/formats/render_html.h"
#include "analysis/formats/render_latex.h"
#include "analysis/formats/render_markdown.h"
#include "analysis/table_marks.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

std::string Render(const ComparisonReport& report, TableFormat format) {
  switch (format) {
    case TableFormat::kLatex:
      return RenderLatex(report);
    case TableFormat::kMarkdown:
      return RenderMarkdown(report);
    case TableFormat::kCsv:
      return RenderCsv(report);
    default:
      return RenderHtml(report);
  }
}

const ReadRow* RowOf(const ReadTable& table, const ReadRow& wanted) {
  for (const ReadRow& row : table.rows) {
    if (row.label == wanted.label) return &row;
  }
  for (const ReadRow& row : table.rows) {
    if (!row.runs.empty() && row.runs == wanted.runs) return &row;
  }
  return nullptr;
}

size_t SharedHeads(const ReadTable& a, const ReadTable& b) {
  return static_cast<size_t>(
      std::ranges::count_if(a.heads, [&b](const std::string& head) {
        return std::ranges::find(b.heads, head) != b.heads.end();
      }));
}

// The table of the report that `table` is of; null if it is of none.
const ReadTable* Match(const ReadTable& table,
                       const std::vector<ReadTable>& report) {
  const ReadTable* best = nullptr;
  size_t most = 0;
  for (const ReadTable& each : report) {
    if (!table.name.empty() && each.name == table.name) return &each;
    const auto rows = static_cast<size_t>(std::ranges::count_if(
        table.rows,
        [&each](const ReadRow& row) { return RowOf(each, row) != nullptr; }));
    // Label and number of seeds are in every table.
    const size_t heads = SharedHeads(table, each);
    if (2 * rows < table.rows.size() || rows == 0 || heads < 3) continue;
    if (rows + heads > most) {
      most = rows + heads;
      best = &each;
    }
  }
  return best;
}

// The marks that a cell must have which has `marks`: a certificate may be
// younger than the file, so that its mark may be missing.
std::string ExpectedMarks(const std::string& marks,
                          const std::string& of_report) {
  return absl::StrContains(marks, kCertifiedMark)
             ? of_report
             : absl::StrReplaceAll(of_report, {{kCertifiedMark, ""}});
}

class Verifier {
 public:
  Verifier(absl::string_view path, VerifiedTables* verified)
      : path_(path), verified_(*verified) {}

  void Compare(const ReadTable& file, const ReadTable& report) {
    ++verified_.tables;
    for (const ReadRow& row : file.rows) {
      const ReadRow* expected = RowOf(report, row);
      if (expected == nullptr) {
        Problem(report, row, "", "the report has no such row");
        continue;
      }
      CompareRow(file, row, report, *expected);
    }
    for (const ReadRow& row : report.rows) {
      if (RowOf(file, row) == nullptr) {
        verified_.problems.push_back(absl::StrCat(
            path_, ": table ", report.name, " leaves out cell ", row.label,
            row.runs.empty() ? "" : absl::StrCat(" (", row.runs, ")")));
      }
    }
  }

 private:
  void Problem(const ReadTable& report, const ReadRow& row,
               absl::string_view column, absl::string_view what) {
    verified_.problems.push_back(absl::StrCat(
        path_, ":", row.line, ": ",
        report.name.empty() ? "" : absl::StrCat("table ", report.name, ", "),
        "cell ", row.label, column.empty() ? "" : ", ", column, ": ", what));
  }

  void CompareRow(const ReadTable& file, const ReadRow& row,
                  const ReadTable& report, const ReadRow& expected) {
    const std::string runs =
        expected.runs.empty() ? "" : absl::StrCat(" (", expected.runs, ")");
    if (!row.runs.empty() && row.runs != expected.runs) {
      Problem(report, row, "",
              absl::StrCat("was printed from ", row.runs, "; the report has ",
                           expected.runs));
    }
    for (size_t c = 1; c < file.heads.size(); ++c) {
      const auto head = std::ranges::find(report.heads, file.heads[c]);
      if (head == report.heads.end() || file.heads[c] == "runs" ||
          file.heads[c] == "table" || file.heads[c] == "cell") {
        continue;
      }
      const CellContent is = ContentOf(row.cells[c]);
      const CellContent should = ContentOf(
          expected.cells[static_cast<size_t>(head - report.heads.begin())]);
      const std::string marks = ExpectedMarks(is.marks, should.marks);
      const size_t count = is.numbers.size();
      verified_.numbers += static_cast<int>(count);
      const bool same = count <= should.numbers.size() &&
                        (count > 0) == !should.numbers.empty() &&
                        std::equal(is.numbers.begin(), is.numbers.end(),
                                   should.numbers.begin());
      if (!same) {
        const auto text = [](const std::vector<std::string>& numbers) {
          return numbers.empty() ? "no number" : absl::StrJoin(numbers, " ");
        };
        Problem(report, row, file.heads[c],
                absl::StrCat(text(is.numbers), ", the runs give ",
                             text(should.numbers), runs));
      } else if (is.marks != marks) {
        Problem(report, row, file.heads[c],
                absl::StrCat("is marked '", is.marks, "', must be '", marks,
                             "'", runs));
      }
    }
  }

  const std::string path_;
  VerifiedTables& verified_;
};

}  // namespace

absl::StatusOr<VerifiedTables> VerifyTables(absl::string_view text,
                                            absl::string_view path,
                                            const ComparisonReport& report) {
  TRANSECT_ASSIGN_OR_RETURN(const TableFormat format, TableFormatOf(path));
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<ReadTable> file,
                            ReadTables(text, format, path));
  TRANSECT_ASSIGN_OR_RETURN(
      const std::vector<ReadTable> expected,
      ReadTables(Render(report, format), format, "the report"));
  VerifiedTables verified;
  Verifier verifier(path, &verified);
  for (const ReadTable& table : file) {
    if (const ReadTable* match = Match(table, expected)) {
      verifier.Compare(table, *match);
    }
  }
  if (verified.tables == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", path, "' has no table with the rows and columns of this report"));
  }
  return verified;
}

}  // namespace transect
