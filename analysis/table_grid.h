/// \file
/// Rows and columns of strings: what table_layout.h makes of a table and
/// renderers print.
#ifndef TRANSECT_ANALYSIS_TABLE_GRID_H_
#define TRANSECT_ANALYSIS_TABLE_GRID_H_

#include <string>
#include <vector>

namespace transect {

/// A number that does not exist.
inline constexpr char kNoNumber[] = "–";

/// One number of a grid.
struct GridCell {
  /// "41.03", with a sign in columns of differences, a p value, or kNoNumber.
  std::string number;
  /// "0.52", what stands after ±; empty if there is none.
  std::string spread;
  /// kPartialMark, marks of certainty, or empty.
  std::string mark;
  /// "[-0.92, 0.03]"; empty if there is none.
  std::string interval = {};
  /// Bold: the best number and all that the test does not tell from it.
  bool leading = false;
};

/// One row of a grid.
struct GridRow {
  std::string label;
  bool is_base = false;
  /// Others published it: the label ends with kPublishedMark, the numbers have
  /// the digits that were printed, and nothing is computed with them.
  bool is_published = false;
  /// Runs that count: "2", "1/2†" where some are missing, with the marks of
  /// table_marks.h.
  std::string seeds;
  /// One per column.
  std::vector<GridCell> cells;
  /// Ids of its runs: "seed 1 SPEC_ID/CODE, seed 2 ..."; empty for published
  /// rows.
  std::string runs = {};
};

/// Numbers of one kind, row by row as in the table.
struct TableGrid {
  /// Heads of the columns of `cells`.
  std::vector<std::string> columns;
  std::vector<GridRow> rows;
  /// What the columns mean, paragraph by paragraph.
  std::vector<std::string> caption;
};

/// 0.4103 as "41.03".
std::string Percent(double fraction);

/// The same with a sign; zero is "+0.00".
std::string SignedPercent(double fraction);

/// A p value with two digits: "0.33", "0.029", "1", "<0.001".
std::string PValue(double p);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_TABLE_GRID_H_
