/// \file
/// Scores of referring segmentation, from pixel counts per item.
///
/// Input: for every evaluated item the pixels in both masks (intersection, I)
/// and in either (union, U), counted on the grid of the original image or at
/// EvaluationSpec.resolution; output: the numbers that papers print. The worker
/// counts pixels; this library sees no images, and analysis/ calls it on what
/// the logs hold.
///
///   gIoU (also mIoU)  mean over items of I / U
///   cIoU (also oIoU)  sum of I / sum of U
///   Pr@X              share of items with I / U above X, strictly
///
/// Strictly above is the rule of RSRefSeg and SegEarth-R1; LAVT, RMSIN and
/// FIANet count ties too (ScoreRules::ties_count). It is decided in integers,
/// 10 I > 10 X U, so no tie depends on rounding.
///
/// Empty union: an item where neither mask has a pixel is a perfect answer with
/// an IoU of 1 (the rule of SegEarth-R1): it counts for every Pr@X, enters gIoU
/// as 1 and adds nothing to cIoU. If all unions are empty, cIoU is 1.
/// ScoreRules has the other rules that evaluators follow. Departure: RSRefSeg's
/// released code computes 0/0 there, so it has no gIoU.
///
/// Sums are 64-bit integers; gIoU is the double sum of I / U in ascending order
/// of item ids, so the order of the input changes no bit.
#ifndef TRANSECT_METRICS_SEGMENTATION_H_
#define TRANSECT_METRICS_SEGMENTATION_H_

#include <array>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"

namespace transect {

/// Pixels of one item.
struct ItemCounts {
  /// Id in the data set.
  int64_t item_id = 0;
  /// Pixels in both masks, 0 to `union_`.
  int64_t intersection = 0;
  /// Pixels in either mask, 0 to kMaxUnionPixels.
  int64_t union_ = 0;
};

/// 2^40, an image of a million by a million pixels: the integer comparisons of
/// thresholds and pairs stay within 64 bits.
inline constexpr int64_t kMaxUnionPixels = int64_t{1} << 40;

/// Thresholds of Pr@X in tenths.
inline constexpr std::array<int, 5> kPrecisionTenths = {5, 6, 7, 8, 9};

/// The rules in which public evaluators differ. All others change the masks,
/// not what is computed from their pixel counts: another resolution, another
/// threshold of the logits, pixels that are ignored.
struct ScoreRules {
  /// What an item is whose masks are both empty.
  enum class EmptyUnion {
    /// A perfect answer: IoU 1.
    kOne,
    /// A wrong answer: IoU 0, for no Pr@X (LAVT, RMSIN, FIANet).
    kZero,
    /// No item: it is in no count.
    kLeftOut,
  };
  /// Whether an IoU of exactly X counts for Pr@X (LAVT, RMSIN, FIANet).
  bool ties_count = false;
  EmptyUnion empty_union = EmptyUnion::kOne;

  friend bool operator==(const ScoreRules&, const ScoreRules&) = default;
};

/// Fractions from 0 to 1, never percent.
struct SegmentationScores {
  /// Pr@0.5, Pr@0.6, ..., Pr@0.9.
  std::array<double, 5> pr = {};
  double ciou = 0;
  double giou = 0;
  /// Items that were scored, at least 1.
  int64_t items = 0;
};

/// Whether the item enters the metrics.
bool IsScored(const ItemCounts& item, const ScoreRules& rules);

/// I / U of one item that is scored.
double ItemIou(const ItemCounts& item, const ScoreRules& rules = {});

/// Whether the item, which is scored, counts for Pr@(tenths / 10).
bool CountsForPrecision(const ItemCounts& item, int tenths,
                        const ScoreRules& rules = {});

/// Scores the items, in any order. kInvalidArgument for no items, none that is
/// scored, an id that occurs twice, or counts out of range, naming the item;
/// kOutOfRange if a sum exceeds 64 bits.
absl::StatusOr<SegmentationScores> Score(absl::Span<const ItemCounts> items,
                                         const ScoreRules& rules = {});

}  // namespace transect

#endif  // TRANSECT_METRICS_SEGMENTATION_H_
