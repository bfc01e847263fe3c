/// \file
/// How certain the differences of a report are.
///
/// Input: a report that BuildReport made, its input, and what the experiment
/// declares (StatisticsSpec); output: in the report, what stands after ± in
/// each cell, and for each difference to the base intervals, p values and
/// effects; which rows lead; and how all of it was computed. The statistics are
/// those of analysis/statistics/compare.h.
///
/// A test that is declared over seeds speaks about what is compared, one over
/// items about these trained runs. Both are computed; only the declared one
/// decides what leads. Metrics that are not primary have intervals and no test.
#ifndef TRANSECT_ANALYSIS_CERTAINTY_CERTAINTY_H_
#define TRANSECT_ANALYSIS_CERTAINTY_CERTAINTY_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "analysis/aggregate.h"
#include "analysis/report.pb.h"
#include "experiments/experiment.pb.h"

namespace transect {

/// Fills `statistics` of tables, and `spread`, `share`, `difference` and
/// `leading` of cells. `experiment` is the name of the experiment, for the
/// draws' default key. Rows that were evaluated on other images than the base
/// are left out, as they have no difference. Tables without a result stay as
/// they are. The same input gives the same bits.
absl::Status AddCertainty(const StatisticsSpec& spec,
                          absl::string_view experiment,
                          const ReportInput& input, ComparisonReport* report);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_CERTAINTY_CERTAINTY_H_
