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

double ItemIou(const ItemCounts& item) {
  return item.union_ == 0 ? 1.0
                          : static_cast<double>(item.intersection) /
                                static_cast<double>(item.union_);
}

absl::StatusOr<SegmentationScores> Score(absl::Span<const ItemCounts> items) {
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
  for (size_t i = 0; i < sorted.size(); ++i) {
    const ItemCounts& item = sorted[i];
    TRANSECT_RETURN_IF_ERROR(CheckItem(item));
    if (i > 0 && item.item_id == sorted[i - 1].item_id) {
      return absl::InvalidArgumentError(
          absl::StrCat("item ", item.item_id, " occurs twice"));
    }
    // Intersections are never more than unions, so one sum tells of both.
    if (__builtin_add_overflow(unions, item.union_, &unions)) {
      return absl::OutOfRangeError(absl::StrCat(
          "the sum of unions leaves 64 bits at item ", item.item_id));
    }
    intersections += item.intersection;
    iou_sum += ItemIou(item);
    for (size_t t = 0; t < kPrecisionTenths.size(); ++t) {
      if (item.union_ == 0 ||
          10 * item.intersection > kPrecisionTenths[t] * item.union_) {
        ++above[t];
      }
    }
  }

  SegmentationScores scores;
  const double count = static_cast<double>(sorted.size());
  for (size_t t = 0; t < above.size(); ++t) {
    scores.pr[t] = static_cast<double>(above[t]) / count;
  }
  scores.ciou = unions == 0 ? 1.0
                            : static_cast<double>(intersections) /
                                  static_cast<double>(unions);
  scores.giou = iou_sum / count;
  scores.items = static_cast<int64_t>(sorted.size());
  return scores;
}

}  // namespace transect
