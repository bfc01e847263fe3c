/// \file
/// What a reader must know before comparing two rows of a table: runs of
/// another program or machine, of other images, or of a split that training
/// read; and which rows are certified. Marks stand beside the number of seeds,
/// and a note below the table explains each; table_layout.h puts them there.
#ifndef TRANSECT_ANALYSIS_TABLE_MARKS_H_
#define TRANSECT_ANALYSIS_TABLE_MARKS_H_

#include <string>
#include <vector>

#include "analysis/report.pb.h"

namespace transect {

/// Rows with runs of other code than the base's (the first row's without a
/// base).
inline constexpr char kOtherCodeMark[] = "‡";
/// Rows with runs of another kind of machine than the base's.
inline constexpr char kOtherMachineMark[] = "¶";
/// Rows with runs that were evaluated on other images or masks than the base's.
inline constexpr char kOtherImagesMark[] = "§";
/// Rows all of whose declared runs are certified (ReportRun::certified). The
/// only mark that speaks for a row: who leaves it out hides nothing.
inline constexpr char kCertifiedMark[] = "✓";

/// The base row; null without one.
const ReportRow* BaseOf(const ReportTable& table);

/// "LABEL, seed 1"; the label alone where no seed enters the run.
std::string RunTitle(const ReportRow& row, const ReportRun& run);

/// All marks of the row, or "".
std::string MarksOf(const ReportTable& table, const ReportRow& row);

/// Sentences for the caption about the whole table: code and machine, in
/// capitals where they are mixed; where training read the split. Nothing
/// without a result.
std::vector<std::string> SourceSentences(const ReportTable& table);

/// Notes that explain the marks, a sentence for each marked row; of mixed codes
/// or machines all runs; rows without a seed; last the rows that are certified.
/// Nothing where nothing is mixed or certified.
std::vector<std::string> MarkNotes(const ReportTable& table);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_TABLE_MARKS_H_
