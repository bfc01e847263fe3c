/// \file
/// The sentences below a table: what casts doubt on all of it, which runs are
/// missing and why, what the marks mean, what so many seeds can decide.
#ifndef TRANSECT_ANALYSIS_TABLE_NOTES_H_
#define TRANSECT_ANALYSIS_TABLE_NOTES_H_

#include <string>
#include <vector>

#include "analysis/report.pb.h"

namespace transect {

/// Marks numbers of fewer seeds than declared; the notes say which.
inline constexpr char kPartialMark[] = "†";

/// The notes of `table`, in this order:
/// - a warning if no mask of any row touches its target, which says how many
///   are empty, or if no row's gIoU is above what a prediction that reads
///   nothing scores on the same images: the mask of all objects or one constant
///   mask at the most frequent place, the higher of those that are known;
/// - the missing runs, those with one reason in one note;
/// - what marks mean (MarkNotes of table_marks.h);
/// - what so many seeds can decide, and what intervals are worth
///   (CertaintyNotes of table_differences.h);
/// - what the table says of its trainings.
std::vector<std::string> TableNotes(const ReportTable& table);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_TABLE_NOTES_H_
