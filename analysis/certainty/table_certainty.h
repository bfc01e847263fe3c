/// \file
/// What certainty.h does for one table, before comparisons of the whole family
/// are corrected.
#ifndef TRANSECT_ANALYSIS_CERTAINTY_TABLE_CERTAINTY_H_
#define TRANSECT_ANALYSIS_CERTAINTY_TABLE_CERTAINTY_H_

#include "absl/status/status.h"
#include "analysis/aggregate.h"
#include "analysis/report.pb.h"
#include "metrics/segmentation.h"

namespace transect {

/// Fills spreads, shares, differences without corrected p values, and leading
/// rows of `table`, whose `statistics` say how, but for the interval and the
/// coverages, which it fills too.
absl::Status AddTableCertainty(const TableInput& input, const ScoreRules& rules,
                               ReportTable* table);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_CERTAINTY_TABLE_CERTAINTY_H_
