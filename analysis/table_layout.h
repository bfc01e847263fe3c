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
#include "analysis/table_grid.h"
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
/// One table.
struct TableLayout {
  std::string name;
  /// Pr@0.5 ... Pr@0.9, cIoU, gIoU, and the differences to the base if there is
  /// a base (table_differences.h); published rows below those of the same
  /// setting. Its caption says n, what ± is and what seeds share, the split and
  /// its data set, how differences were tested, codes and machines.
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
