/// \file
/// Metrics of parts of the items: by category, by size of the object, by what
/// the sentence says.
///
/// What an item is comes from the metric logs: its category, the pixels of its
/// true mask and of its image, the parts of its sentence (EvalItem). All runs
/// of a table have the same items, so it is taken from the first run that says
/// it; where none does, the breakdown says so. Categories have the names of
/// RRSIS-D in its data set and in synthetic ones, else numbers. An item whose
/// sentence says several things is in the group of that combination.
#ifndef TRANSECT_ANALYSIS_ANSWERS_BREAKDOWN_H_
#define TRANSECT_ANALYSIS_ANSWERS_BREAKDOWN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "analysis/aggregate.h"
#include "analysis/report.pb.h"
#include "metrics/metric_log.pb.h"

namespace transect {

/// Bounds between bins of size, as ReportSpec.size_bound has them by default:
/// COCO's 32 x 32 and 96 x 96 pixels (Lin et al., "Microsoft COCO", 2014) as
/// shares of an image of 640 x 480, which most of its images are.
inline constexpr double kSizeBounds[] = {1.0 / 300, 0.03};

/// kInvalidArgument unless `bounds` are above 0, below 1 and ascending.
absl::Status CheckSizeBounds(absl::Span<const double> bounds);

/// Adds the three breakdowns to every table that has a result. `bounds` is as
/// CheckSizeBounds takes it. Errors of ScoreRun.
absl::Status AddBreakdowns(const ReportInput& input,
                           absl::Span<const double> bounds,
                           ComparisonReport* report);

/// What people call a category of the table's data; empty where it is negative,
/// which is none.
std::string CategoryName(const ReportTable& table, int category);

/// What the item's sentence says beside the category: "position and relation";
/// empty where the log does not say it.
std::string SentenceName(const EvalItem& item);

/// "category", "size" or "sentence".
std::string BreakdownName(ReportBreakdown::By by);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_ANSWERS_BREAKDOWN_H_
