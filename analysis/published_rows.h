/// \file
/// Which published rows a table shows.
///
/// Input: sets (published.h) and a table that has its split, items and data
/// set; output: the rows in it, or one sentence for each why they are not.
#ifndef TRANSECT_ANALYSIS_PUBLISHED_ROWS_H_
#define TRANSECT_ANALYSIS_PUBLISHED_ROWS_H_

#include <set>
#include <string>

#include "absl/types/span.h"
#include "analysis/published.pb.h"
#include "analysis/report.pb.h"

namespace transect {

/// What an experiment says about comparing with a set although something
/// differs (PublishedChoice).
struct ComparedAnyway {
  /// Names of sets whose rows of other splits are shown too.
  std::set<std::string> other_splits = {};
  /// Names of sets whose rows are compared under other rules too.
  std::set<std::string> other_rules = {};
};

/// Adds the rows of `sets` that are of the table's split and of `dataset`, the
/// published data set whose layout the table's files have ("" for none). A
/// layout is no identity: rows are left out, with the reason, unless the table
/// has as many items as the published split (PublishedItems); of a table
/// without a result nobody knows yet. A row says which of the table's has its
/// setting (ReportPublished::same_as), and with `anyway` in what it differs
/// from ours although it is shown or compared; otherwise why its values are not
/// compared (ReportPublished::refusals). The table has its rules.
void AddPublishedRows(absl::Span<const PublishedSet> sets,
                      const std::string& dataset, ReportTable* table,
                      const ComparedAnyway& anyway = {});

/// Whether the values of `kind` were measured by the table's rules, at its
/// resolution: another rule of Pr@X does not matter to cIoU and gIoU, all else
/// does.
bool IsMeasuredAlike(const ReportPublished& shown, const ReportTable& table,
                     ReportCell::Kind kind);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_PUBLISHED_ROWS_H_
