/// \file
/// Reads what a finished evaluation measured.
///
/// Input: the directory of an evaluation (EvaluationDir, launch/store/store.h),
/// with its result (Result in launch/store/result.proto) and the metric logs of
/// the attempt that the result names, one per rank; output: the evaluated items
/// of all ranks together, for aggregate.h. The caller knows which evaluations
/// exist and where.
#ifndef TRANSECT_ANALYSIS_LOAD_RUNS_H_
#define TRANSECT_ANALYSIS_LOAD_RUNS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "launch/store/result.pb.h"
#include "metrics/metric_log.pb.h"

namespace transect {

/// A finished evaluation.
struct LoadedEvaluation {
  Result result;
  /// Ascending by split, then item id; never null.
  std::shared_ptr<const std::vector<EvalItem>> items;
};

/// Reads the evaluation in `dir`. Errors name the file: kNotFound if there is
/// no result (it is not done); kInvalidArgument if it does not parse; kDataLoss
/// if the logs do not agree with it: one is missing, torn, damaged or of
/// another job, attempt or rank, an item occurs twice, or there are more or
/// fewer items than the result counts.
absl::StatusOr<LoadedEvaluation> LoadEvaluation(const std::string& dir);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_LOAD_RUNS_H_
