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
#include "analysis/statistics/ratio.h"
#include "metrics/metric_log.pb.h"
#include "metrics/segmentation.h"

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

/// Scores the items, in any order, all measures under `rules`.
/// kFailedPrecondition for no items or items of several splits; kDataLoss for
/// an item without a prediction, with impossible counts, or that occurs twice,
/// and where `rules` leave no item.
absl::StatusOr<RunScores> ScoreRun(absl::Span<const EvalItem> items,
                                   const ScoreRules& rules = {});

/// The metric `kind`, PR_50 to GIOU, as a ratio of sums over the items, in
/// their order: Ratio() of it is the metric, and a resample of items resamples
/// both sums. Items that `rules` leave out add nothing to either.
RatioColumns ColumnsOf(absl::Span<const EvalItem> items, ReportCell::Kind kind,
                       const ScoreRules& rules = {});

/// What a table says about its rules, and back; rules that are not set are
/// those of ScoreRules{}.
ReportRules ToReportRules(const ScoreRules& rules);
ScoreRules FromReportRules(const ReportRules& rules);

/// What the metrics are under the rules, for a caption: "Pr@X: share of items
/// with IoU above X; ...". Names the rule for items without any pixel where
/// there are some, and where it is not the usual one.
std::string RulesText(const ReportRules& rules);

}  // namespace transect

#endif  // TRANSECT_ANALYSIS_SCORE_RUN_H_
