/// \file
/// Which published rows a table shows.
///
/// Input: sets (published.h) and a table that has its split, items and data
/// set; output: the rows in it, or one sentence for each why they are not.
#ifndef TRANSECT_ANALYSIS_PUBLISHED_ROWS_H_
#define TRANSECT_ANALYSIS_PUBLISHED_ROWS_H_

#include <string>

#include "absl/types/span.h"
#include "analysis/published.pb.h"
#include "analysis/report.pb.h"

namespace transect {

/// Adds the rows of `sets` that are of the table's split and of `dataset`, the
/// published data set whose layout the table's files have ("" for none). A
/// layout is no identity: rows are left out, with the reason, unless the table
/// has as many items as the published split (PublishedItems); of a table
/// without a result nobody knows yet. A row says which of the table's has its
/// setting (ReportPublished::same_as).
void AddPublishedRows(absl::Span<const PublishedSet> sets,
                      const std::string& dataset, ReportTable* table);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_PUBLISHED_ROWS_H_
