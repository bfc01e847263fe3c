/// \file
/// Which rows of which table a claim is about.
#ifndef TRANSECT_ANALYSIS_ANSWERS_CLAIM_CELLS_H_
#define TRANSECT_ANALYSIS_ANSWERS_CLAIM_CELLS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/aggregate.h"
#include "analysis/report.pb.h"
#include "experiments/experiment.pb.h"

namespace transect {

/// A claim with its rows found.
struct FoundClaim {
  /// Position of the design among the tables of the input.
  int table = 0;
  ReportCell::Kind metric = ReportCell::UNSPECIFIED;
  /// holds: the better row and the worse; favours: the base, or the first row
  /// where there is none.
  int better = 0;
  int worse = 0;
  /// optimum: the rows of the two ends, and those between them.
  std::vector<int> ends;
  std::vector<int> inner;
  /// What is claimed, in words.
  std::string text;
};

/// Finds the rows. kInvalidArgument, a phrase without the claim's name, if it
/// is not about anything that the input has.
absl::StatusOr<FoundClaim> FindClaim(const ExperimentClaim& claim,
                                     const ReportInput& input);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_ANSWERS_CLAIM_CELLS_H_
