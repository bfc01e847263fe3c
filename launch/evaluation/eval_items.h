/// \file
/// The integers of an evaluation: predicted pixels of an item in, its
/// `EvalItem` record out; and which rank evaluates which items. No LibTorch.
#ifndef TRANSECT_LAUNCH_EVALUATION_EVAL_ITEMS_H_
#define TRANSECT_LAUNCH_EVALUATION_EVAL_ITEMS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "data/index/dataset_index.h"
#include "metrics/metric_log.pb.h"

namespace transect {

/// A range of items, in order of the data set.
struct ItemRange {
  int64_t begin = 0;
  int64_t end = 0;  // exclusive
};

/// Batches that `rank` of `ranks` evaluates: the items are cut into batches of
/// `batch` (the last may be smaller), and batch k is for rank k mod ranks. So
/// which items share a batch, and with it every bit of a prediction, does not
/// depend on the number of ranks. `batch` and `ranks` are at least 1.
std::vector<ItemRange> EvalBatches(int64_t items, int64_t batch, int rank,
                                   int ranks);

/// For each item, the item whose sentence it gets in the control with permuted
/// sentences: one cycle through all items (Sattolo's algorithm), so no item
/// keeps its own. Depends on the number of items only, so that all runs on a
/// data set have the same control. At least 2 items.
std::vector<int64_t> PermutedItems(int64_t items);

/// The sentences of the controls, one for each of `samples`, the items of a
/// split in their order; "" for an item that has no such control. They depend
/// on the samples only, so that all runs on a data set have the same controls.
///
/// Of the item that PermutedItems says; all "" for a single item.
std::vector<std::string> PermutedSentences(absl::Span<const Sample> samples);

/// Of another item of the same category: in each category one cycle through its
/// items, so that every sentence of it is used once. Its words may be the
/// item's own, as "The ship" often is. "" where the category is unknown or has
/// a single item.
std::vector<std::string> SentencesWithinCategory(
    absl::Span<const Sample> samples);

/// A sentence that names another object of the same scene: that of an item of
/// the same image file with another sentence and a mask that shares no pixel
/// with the item's, drawn among them; where there is none and all objects are
/// known, "The CATEGORY" of another object, drawn among those whose category no
/// other object of the scene has. "" where there is neither.
std::vector<std::string> OtherObjectSentences(absl::Span<const Sample> samples);

/// Pixels in both masks and in either; any byte but 0 is in the mask. Both have
/// the same size.
PixelCounts CountPixels(absl::Span<const uint8_t> a,
                        absl::Span<const uint8_t> b);

/// The record of `sample`, all but the controls with other sentences.
/// `predicted` is the row-major mask at the size of the annotation.
///
/// Where the data set knows all objects, `objects` is their number and
/// `category_objects` that of the named category, `all_objects` compares the
/// union of their masks with the named one, and `distractor` compares the
/// prediction with that other object of the named category with which its IoU
/// is highest (the first of several).
EvalItem MakeEvalItem(const Sample& sample,
                      absl::Span<const uint8_t> predicted);

/// The record of the predicted mask itself; `predicted` as above.
PredictedMask MakePredictedMask(const Sample& sample,
                                absl::Span<const uint8_t> predicted);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EVALUATION_EVAL_ITEMS_H_
