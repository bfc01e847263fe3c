#include "analysis/score_run.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/measure_name.h"
#include "metrics/segmentation.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

ItemCounts Counts(const EvalItem& item, const PixelCounts& pixels) {
  return ItemCounts{.item_id = item.item_id(),
                    .intersection = pixels.intersection(),
                    .union_ = pixels.union_()};
}

// The scores of one of an item's counts over the items that have it. What
// metrics/ refuses cannot have been written by a worker.
absl::StatusOr<SegmentationScores> ScoreLogged(
    const std::vector<ItemCounts>& counts, const ScoreRules& rules) {
  absl::StatusOr<SegmentationScores> scores = Score(counts, rules);
  if (!scores.ok()) {
    return absl::DataLossError(scores.status().message());
  }
  return scores;
}

void AddMetrics(const SegmentationScores& scores, RunScores* run) {
  static_assert(ReportCell::PR_90 - ReportCell::PR_50 + 1 ==
                kPrecisionTenths.size());
  for (size_t t = 0; t < scores.pr.size(); ++t) {
    const auto kind =
        static_cast<ReportCell::Kind>(ReportCell::PR_50 + static_cast<int>(t));
    run->measures.push_back({kind, scores.pr[t], scores.items});
  }
  run->measures.push_back({ReportCell::CIOU, scores.ciou, scores.items});
  run->measures.push_back({ReportCell::GIOU, scores.giou, scores.items});
}

absl::Status AddControl(ReportCell::Kind kind,
                        const std::vector<ItemCounts>& counts,
                        const ScoreRules& rules, RunScores* run) {
  if (counts.empty()) {
    return absl::OkStatus();
  }
  TRANSECT_ASSIGN_OR_RETURN(const SegmentationScores scores,
                            ScoreLogged(counts, rules));
  run->measures.push_back({kind, scores.giou, scores.items});
  return absl::OkStatus();
}

// Pixels of the item's own mask; nothing where the log does not say it.
std::optional<int64_t> TargetArea(const EvalItem& item) {
  if (item.has_target_area()) return item.target_area();
  if (item.has_all_objects()) return item.all_objects().intersection();
  return std::nullopt;
}

// Counts predicted masks without any pixel, as long as items say their size.
absl::Status CountEmpty(const EvalItem& item, std::optional<int64_t>* empty) {
  const PixelCounts& prediction = item.prediction();
  const std::optional<int64_t> target = TargetArea(item);
  const bool possible = target.has_value() &&
                        *target >= prediction.intersection() &&
                        *target <= prediction.union_();
  if (item.has_target_area() && !possible) {
    return absl::DataLossError(absl::StrCat(
        "item ", item.item_id(), " has a target of ", *target,
        " pixels, but an intersection of ", prediction.intersection(),
        " and a union of ", prediction.union_()));
  }
  if (!possible) {
    *empty = std::nullopt;
  } else if (empty->has_value()) {
    **empty +=
        prediction.intersection() + prediction.union_() - *target == 0 ? 1 : 0;
  }
  return absl::OkStatus();
}

// How often the prediction has a higher IoU with its target than with the
// distractor it resembles most.
class DistractorShare {
 public:
  absl::Status Add(const EvalItem& item) {
    const ItemCounts distractor = Counts(item, item.distractor());
    counts_.push_back(distractor);
    wins_ += ItemIou(Counts(item, item.prediction())) > ItemIou(distractor);
    if (item.category_objects() == 0) {
      chance_known_ = false;
      return absl::OkStatus();
    }
    if (item.category_objects() < 2) {
      return absl::DataLossError(absl::StrCat(
          "item ", item.item_id(), " has a distractor, but ",
          item.category_objects(), " objects of the target's category"));
    }
    chance_ += 1.0 / item.category_objects();
    return absl::OkStatus();
  }

  absl::Status AddTo(RunScores* run) const {
    if (counts_.empty()) {
      return absl::OkStatus();
    }
    // Only for its checks of the counts.
    TRANSECT_RETURN_IF_ERROR(ScoreLogged(counts_, {}).status());
    const auto count = static_cast<double>(counts_.size());
    Measure measure = {ReportCell::DISTRACTOR_SHARE,
                       static_cast<double>(wins_) / count,
                       static_cast<int64_t>(counts_.size())};
    if (chance_known_) {
      measure.chance = chance_ / count;
    }
    run->measures.push_back(measure);
    return absl::OkStatus();
  }

 private:
  std::vector<ItemCounts> counts_;
  int64_t wins_ = 0;
  double chance_ = 0;
  bool chance_known_ = true;
};

}  // namespace

bool IsControl(ReportCell::Kind kind) {
  // The controls come after the metrics.
  return kind >= ReportCell::PERMUTED_GIOU;
}

absl::StatusOr<RunScores> ScoreRun(absl::Span<const EvalItem> items,
                                   const ScoreRules& rules) {
  if (items.empty()) {
    return absl::FailedPreconditionError("the run evaluated no items");
  }
  RunScores run;
  run.split = items.front().split();
  std::vector<ItemCounts> predictions, permuted, all_objects, within_category,
      other_object;
  DistractorShare distractors;
  run.empty_masks = 0;
  for (const EvalItem& item : items) {
    if (item.split() != run.split) {
      return absl::FailedPreconditionError(
          absl::StrCat("items of two splits, '", run.split, "' and '",
                       item.split(), "'; a table is of one"));
    }
    if (!item.has_prediction()) {
      return absl::DataLossError(
          absl::StrCat("item ", item.item_id(), " has no prediction"));
    }
    run.item_ids.push_back(item.item_id());
    predictions.push_back(Counts(item, item.prediction()));
    TRANSECT_RETURN_IF_ERROR(CountEmpty(item, &run.empty_masks));
    if (item.has_permuted()) {
      permuted.push_back(Counts(item, item.permuted()));
    }
    if (item.has_all_objects()) {
      all_objects.push_back(Counts(item, item.all_objects()));
    }
    if (item.has_permuted_within_category()) {
      within_category.push_back(Counts(item, item.permuted_within_category()));
    }
    if (item.has_other_object()) {
      other_object.push_back(Counts(item, item.other_object()));
    }
    if (item.has_distractor()) {
      TRANSECT_RETURN_IF_ERROR(distractors.Add(item));
    }
  }
  std::sort(run.item_ids.begin(), run.item_ids.end());

  TRANSECT_ASSIGN_OR_RETURN(const SegmentationScores scores,
                            ScoreLogged(predictions, rules));
  AddMetrics(scores, &run);
  TRANSECT_RETURN_IF_ERROR(
      AddControl(ReportCell::PERMUTED_GIOU, permuted, rules, &run));
  TRANSECT_RETURN_IF_ERROR(
      AddControl(ReportCell::ALL_OBJECTS_GIOU, all_objects, rules, &run));
  TRANSECT_RETURN_IF_ERROR(distractors.AddTo(&run));
  TRANSECT_RETURN_IF_ERROR(AddControl(ReportCell::PERMUTED_CATEGORY_GIOU,
                                      within_category, rules, &run));
  TRANSECT_RETURN_IF_ERROR(
      AddControl(ReportCell::OTHER_OBJECT_GIOU, other_object, rules, &run));
  return run;
}

RatioColumns ColumnsOf(absl::Span<const EvalItem> items, ReportCell::Kind kind,
                       const ScoreRules& rules) {
  RatioColumns columns;
  columns.if_empty =
      rules.empty_union == ScoreRules::EmptyUnion::kOne ? 1.0 : 0.0;
  for (const EvalItem& item : items) {
    const ItemCounts counts = Counts(item, item.prediction());
    const bool scored = IsScored(counts, rules);
    double numerator = 0;
    double denominator = scored ? 1 : 0;
    if (kind == ReportCell::CIOU) {
      numerator = static_cast<double>(counts.intersection);
      denominator = static_cast<double>(counts.union_);
    } else if (!scored) {
      numerator = 0;
    } else if (kind == ReportCell::GIOU) {
      numerator = ItemIou(counts, rules);
    } else {
      const int tenths = kPrecisionTenths[kind - ReportCell::PR_50];
      numerator = CountsForPrecision(counts, tenths, rules) ? 1 : 0;
    }
    columns.numerators.push_back(numerator);
    columns.denominators.push_back(denominator);
  }
  if (std::ranges::all_of(columns.denominators,
                          [](double each) { return each == 1; })) {
    columns.denominators.clear();
  }
  return columns;
}

ReportRules ToReportRules(const ScoreRules& rules) {
  ReportRules report;
  report.set_tie(rules.ties_count ? PublishedEvaluator::AT_LEAST
                                  : PublishedEvaluator::ABOVE);
  switch (rules.empty_union) {
    case ScoreRules::EmptyUnion::kOne:
      report.set_empty_union(ReportRules::ONE);
      break;
    case ScoreRules::EmptyUnion::kZero:
      report.set_empty_union(ReportRules::ZERO);
      break;
    case ScoreRules::EmptyUnion::kLeftOut:
      report.set_empty_union(ReportRules::LEFT_OUT);
      break;
  }
  return report;
}

ScoreRules FromReportRules(const ReportRules& rules) {
  ScoreRules score;
  score.ties_count = rules.tie() == PublishedEvaluator::AT_LEAST;
  score.empty_union = rules.empty_union() == ReportRules::ZERO
                          ? ScoreRules::EmptyUnion::kZero
                      : rules.empty_union() == ReportRules::LEFT_OUT
                          ? ScoreRules::EmptyUnion::kLeftOut
                          : ScoreRules::EmptyUnion::kOne;
  return score;
}

std::string RulesText(const ReportRules& rules) {
  const ScoreRules score = FromReportRules(rules);
  using enum ScoreRules::EmptyUnion;
  std::string text = absl::StrCat(
      "Pr@X: share of items with ",
      score.ties_count ? "an IoU of X or above" : "IoU above X",
      "; cIoU: sum of intersections over sum of unions; gIoU: mean IoU; masks "
      "compared at ",
      ResolutionName(rules.resolution()), ".");
  if (rules.empty_unions() > 0 || score.empty_union != kOne) {
    absl::StrAppend(&text,
                    " Items without any pixel in either mask, of which "
                    "there are ",
                    rules.empty_unions(), ", ",
                    score.empty_union == kOne    ? "have an IoU of 1"
                    : score.empty_union == kZero ? "have an IoU of 0"
                                                 : "are left out",
                    ".");
  }
  return text;
}

}  // namespace transect
