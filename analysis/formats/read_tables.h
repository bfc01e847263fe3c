/// \file
/// Reads tables back from files that the renderers wrote and people may have
/// edited: other captions, fewer columns, rows in another order.
#ifndef TRANSECT_ANALYSIS_FORMATS_READ_TABLES_H_
#define TRANSECT_ANALYSIS_FORMATS_READ_TABLES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// What may be read: by the ending of the file's name.
enum class TableFormat { kLatex, kMarkdown, kCsv, kHtml };

/// The format of `path`, by its ending .tex, .md, .csv or .html.
/// kInvalidArgument for another.
absl::StatusOr<TableFormat> TableFormatOf(absl::string_view path);

struct ReadRow {
  /// First cell, or that of the column "cell", without markup.
  std::string label;
  /// Ids of its runs as the renderers write them; empty if they are not there.
  std::string runs;
  /// One per head, with markup.
  std::vector<std::string> cells;
  /// Line of the file, from 1.
  int line = 0;
};

struct ReadTable {
  /// As the renderers wrote it; empty if it is not there.
  std::string name;
  /// Without markup.
  std::vector<std::string> heads;
  std::vector<ReadRow> rows;
};

/// The tables of `text` that have a head and a row. Rows with another number of
/// cells than heads are left out, as rows of other tables are.
/// kInvalidArgument, with `path`, for CSV that cannot be parsed.
absl::StatusOr<std::vector<ReadTable>> ReadTables(absl::string_view text,
                                                  TableFormat format,
                                                  absl::string_view path);

/// What a cell says: its numbers in their order, as printed ("+1.30", "<0.001";
/// 76.05(31) is 76.05 and 0.31), and marks: those that warn of a row, and those
/// that say what is certain.
struct CellContent {
  std::vector<std::string> numbers;
  /// Those of "†", "‡", "¶", "§", "°", "*" and "✓" that are there, in this
  /// order.
  std::string marks;
};
CellContent ContentOf(absl::string_view cell);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_FORMATS_READ_TABLES_H_
