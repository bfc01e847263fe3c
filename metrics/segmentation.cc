#include "metrics/segmentation.h"

#include <algorithm>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::Status CheckItem(const ItemCounts& item) {
  if (item.union_ < 0 || item.union_ > kMaxUnionPixels) {
    return absl::InvalidArgumentError(
        absl::StrCat("item ", item.item_id, " has a union of ", item.union_,
                     " pixels; allowed are 0 to ", kMaxUnionPixels));
  }
  if (item.intersection < 0 || item.intersection > item.union_) {
    return absl::InvalidArgumentError(absl::StrCat(
        "item ", item.item_id, " has an intersection of ", item.intersection,
        " pixels; allowed are 0 to its union, ", item.union_));
  }
  return absl::OkStatus();
}

}  // namespace

bool IsScored(const ItemCounts& item, const ScoreRules& rules) {
  return item.union_ != 0 ||
         rules.empty_union != ScoreRules::EmptyUnion::kLeftOut;
}

double ItemIou(const ItemCounts& item, const ScoreRules& rules) {
  if (item.union_ == 0) {
    return rules.empty_union == ScoreRules::EmptyUnion::kOne ? 1.0 : 0.0;
  }
  return static_cast<double>(item.intersection) /
         static_cast<double>(item.union_);
}

bool CountsForPrecision(const ItemCounts& item, int tenths,
                        const ScoreRules& rules) {
  if (item.union_ == 0) {
    return rules.empty_union == ScoreRules::EmptyUnion::kOne;
  }
  const int64_t difference = 10 * item.intersection - tenths * item.union_;
  return rules.ties_count ? difference >= 0 : difference > 0;
}

absl::StatusOr<SegmentationScores> Score(absl::Span<const ItemCounts> items,
                                         const ScoreRules& rules) {
  if (items.empty()) {
    return absl::InvalidArgumentError("no items to score");
  }
  std::vector<ItemCounts> sorted(items.begin(), items.end());
  std::sort(sorted.begin(), sorted.end(),
            [](const ItemCounts& a, const ItemCounts& b) {
              return a.item_id < b.item_id;
            });

  std::array<int64_t, 5> above = {};
  int64_t intersections = 0;
  int64_t unions = 0;
  double iou_sum = 0;
  int64_t scored = 0;
  for (size_t i = 0; i < sorted.size(); ++i) {
    const ItemCounts& item = sorted[i];
    TRANSECT_RETURN_IF_ERROR(CheckItem(item));
    if (i > 0 && item.item_id == sorted[i - 1].item_id) {
      return absl::InvalidArgumentError(
          absl::StrCat("item ", item.item_id, " occurs twice"));
    }
    if (!IsScored(item, rules)) continue;
    ++scored;
    // Intersections are never more than unions, so one sum tells of both.
    if (__builtin_add_overflow(unions, item.union_, &unions)) {
      return absl::OutOfRangeError(absl::StrCat(
          "the sum of unions leaves 64 bits at item ", item.item_id));
    }
    intersections += item.intersection;
    iou_sum += ItemIou(item, rules);
    for (size_t t = 0; t < kPrecisionTenths.size(); ++t) {
      above[t] += CountsForPrecision(item, kPrecisionTenths[t], rules) ? 1 : 0;
    }
  }
  if (scored == 0) {
    return absl::InvalidArgumentError(
        "the masks of all items are empty, and the rules leave such items out");
  }

  SegmentationScores scores;
  const double count = static_cast<double>(scored);
  for (size_t t = 0; t < above.size(); ++t) {
    scores.pr[t] = static_cast<double>(above[t]) / count;
  }
  scores.ciou = ItemIou(
      {.item_id = 0, .intersection = intersections, .union_ = unions}, rules);
  scores.giou = iou_sum / count;
  scores.items = scored;
  return scores;
}

}  // namespace transect
