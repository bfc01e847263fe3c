/// \file
/// What a report answers beside its tables: claims, comparisons with print,
/// breakdowns.
#ifndef TRANSECT_ANALYSIS_ANSWERS_ANSWERS_H_
#define TRANSECT_ANALYSIS_ANSWERS_ANSWERS_H_

#include "absl/status/status.h"
#include "analysis/aggregate.h"
#include "analysis/report.pb.h"
#include "experiments/experiment.pb.h"

namespace transect {

/// kInvalidArgument with every problem of what `spec` asks of the tables of
/// `input`, which has all cells of the experiment: claims, bounds of sizes.
absl::Status CheckAnswers(const ReportSpec& spec, const ReportInput& input);

/// The rules of the metrics that the experiment declares.
ScoreRules RulesOf(const ReportSpec& spec);

/// Adds the answers that `spec` asks for to a report that BuildReport made of
/// `input`.
absl::Status AddAnswers(const ReportSpec& spec, const ReportInput& input,
                        ComparisonReport* report);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_ANSWERS_ANSWERS_H_
