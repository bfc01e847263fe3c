/// \file
/// Published values beside ours, each as an interval.
///
/// A printed value stands for a range (RangeOf, written/printed_number.h). Ours
/// is the interval of the row's mean: over two seeds or more Student's
/// (analysis/statistics/interval.h), about any seed on these items; for one run
/// the bootstrap of its items, about this run on items like these. Without the
/// paper's number of runs or its spread there is no test: what can be said is
/// where the printed range lies.
#ifndef TRANSECT_ANALYSIS_ANSWERS_COMPARISONS_H_
#define TRANSECT_ANALYSIS_ANSWERS_COMPARISONS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "analysis/aggregate.h"
#include "analysis/report.pb.h"
#include "analysis/written/printed_number.h"

namespace transect {

/// Where the fractions `printed` lie beside our interval from `low` to `high`.
PublishedComparison::Verdict PlaceOf(const PrintedRange& printed, double low,
                                     double high);

/// Adds the comparisons of the published rows of all tables: of those with a
/// row of the same setting with that row, of others, which are other methods,
/// with the base. Values that were measured by other rules are not compared
/// unless the experiment asks for it (ReportPublished::refusals, differences).
/// Errors of BootstrapRatios.
absl::Status AddComparisons(const ReportInput& input, ComparisonReport* report);

/// What a report whose experiment names published rows cannot compare: for each
/// row that no table compares its name and why, a sentence each.
std::vector<std::string> NotCompared(const ComparisonReport& report);

/// "within ours", "above ours", "below ours", "cannot tell at this rounding" or
/// "we have no interval".
std::string VerdictText(PublishedComparison::Verdict verdict);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_ANSWERS_COMPARISONS_H_
