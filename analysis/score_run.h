/// \file
/// The measures of one run.
///
/// Input: the evaluated items of a run (EvalItem records); output: its metrics
/// and controls. aggregate.h puts runs together. report.proto says what each
/// measure means, metrics/segmentation.h how it is computed.
#ifndef TRANSECT_ANALYSIS_SCORE_RUN_H_
#define TRANSECT_ANALYSIS_SCORE_RUN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analysis/report.pb.h"
#include "metrics/metric_log.pb.h"

namespace transect {

/// One number.
struct Measure {
  ReportCell::Kind kind = ReportCell::UNSPECIFIED;
  /// Fraction from 0 to 1.
  double value = 0;
  /// Items that it was computed from, at least 1.
  int64_t items = 0;
  /// As ReportCell::chance.
  std::optional<double> chance = {};
};

/// All numbers of a run.
struct RunScores {
  std::string split;
  /// Ascending, distinct.
  std::vector<int64_t> item_ids;
  /// The seven metrics, then the controls that any item has, by ascending kind.
  std::vector<Measure> measures;
  /// Predicted masks without any pixel; nothing where the items do not say how
  /// large each is.
  std::optional<int64_t> empty_masks = {};
};

/// Whether `kind` is a control and not a metric of the prediction.
bool IsControl(ReportCell::Kind kind);

/// Scores the items, in any order. kFailedPrecondition for no items or items of
/// several splits; kDataLoss for an item without a prediction, with impossible
/// counts, or that occurs twice.
absl::StatusOr<RunScores> ScoreRun(absl::Span<const EvalItem> items);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_SCORE_RUN_H_
