/// \file
/// What a table says, independent of how it looks.
///
/// Input: one ReportTable; output: its columns, its numbers as printed, and the
/// sentences below it. Text and Markdown both start from here, so they agree to
/// the last digit and neither can hide that a seed is missing. Renderers escape
/// and align; they compute nothing. JSON is the report itself
/// (data/io/proto_json.h).
///
/// Numbers are percent with two decimals. All strings are ShownText; text from
/// files (labels, reasons) is not escaped.
#ifndef TRANSECT_ANALYSIS_TABLE_LAYOUT_H_
#define TRANSECT_ANALYSIS_TABLE_LAYOUT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "analysis/report.pb.h"
#include "analysis/table_notes.h"

namespace transect {

/// Head of the column of labels.
inline constexpr char kLabelHead[] = "cell";
/// Head of the column of seeds that count.
inline constexpr char kSeedsHead[] = "n";
/// Ends the label of a published row.
inline constexpr char kPublishedMark[] = " (published)";
/// Seeds of a published row.
inline constexpr char kUnknownSeeds[] = "?";
/// A number that does not exist.
inline constexpr char kNoNumber[] = "–";

/// One number of a grid.
struct GridCell {
  /// "41.03", with a sign in columns of differences, or kNoNumber.
  std::string number;
  /// "0.52", the sample standard deviation; empty if there is none.
  std::string spread;
  /// kPartialMark or empty.
  std::string mark;
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
};

/// Numbers of one kind, row by row as in the table.
struct TableGrid {
  /// Heads of the columns of `cells`.
  std::vector<std::string> columns;
  std::vector<GridRow> rows;
  /// What the columns mean, paragraph by paragraph.
  std::vector<std::string> caption;
};

/// One table.
struct TableLayout {
  std::string name;
  /// Pr@0.5 ... Pr@0.9, cIoU, gIoU, and the difference of gIoU to the base if
  /// there is a base; published rows below those of the same setting. Its
  /// caption says n, what ± is and what seeds share, the
  /// split and its data set, codes and machines.
  TableGrid metrics;
  /// gIoU and the controls; no columns if none was measured.
  TableGrid controls;
  /// Warnings, missing runs with their reasons, what marks mean
  /// (table_notes.h); where published rows come from and what is known about
  /// them; whole sentences, a line each.
  std::vector<std::string> notes;
  /// For every row the ids of its runs: "LABEL: seed 1 SPEC_ID/CODE, ...".
  std::vector<std::string> run_ids;
};

/// Text from a file as tables have it: one line without what acts on text
/// (OneLine), cut after 1000 columns.
std::string ShownText(absl::string_view text);

/// Lays out `table`. A pure function.
TableLayout LayOut(const ReportTable& table);

/// Lays out all tables. Tables of one design, which differ in their split, have
/// it in their names: "prompts, split val".
std::vector<TableLayout> LayOutAll(const ComparisonReport& report);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_TABLE_LAYOUT_H_
