/// \file
/// What an experiment claims, and what its runs say to it.
///
/// Input: the claims of an experiment (ExperimentClaim in
/// experiments/experiment.proto) and a report; output: a ReportClaim in each
/// table that a claim is about. A claim is supported if its effect is positive
/// and the test of the table rejects no effect, contradicted if it is negative
/// and rejected, else undecided. The test is the one that the table declares:
/// over seeds it speaks about what is compared, over items about these runs
/// only. p values are Holm's over the claims of the table.
///
///   holds    mean of the better row minus mean of the worse (compare.h)
///   optimum  the least difference of the best inner value to both ends; p is
///            the larger of the two times the number of inner values. It is
///            contradicted where an end beats every inner value: p is the
///            largest of these times two
///   favours  the share of the metric's weight that the larger half of the
///            objects has, minus their share of the items; the interval is a
///            bootstrap of items, p that of a random division of the objects
#ifndef TRANSECT_ANALYSIS_ANSWERS_CLAIMS_H_
#define TRANSECT_ANALYSIS_ANSWERS_CLAIMS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "analysis/aggregate.h"
#include "analysis/report.pb.h"
#include "experiments/experiment.pb.h"

namespace transect {

/// Every problem of the claims: a name that is missing or twice, a design,
/// axis, cell or metric that the input does not have, ends of a range that are
/// no numbers or have nothing between them. One line each, kInvalidArgument.
/// Results are not looked at.
absl::Status CheckClaims(absl::Span<const ExperimentClaim* const> claims,
                         const ReportInput& input);

/// Adds the verdicts. The claims are as CheckClaims takes them; of an input
/// that has some rows only (`selected`) those about other rows are left out.
/// Errors of CompareRows.
absl::Status AddClaims(absl::Span<const ExperimentClaim* const> claims,
                       const ReportInput& input, ComparisonReport* report);

/// "supported", "contradicted" or "undecided".
std::string VerdictText(ReportClaim::Verdict verdict);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_ANSWERS_CLAIMS_H_
