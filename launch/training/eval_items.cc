#include "launch/training/eval_items.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "data/index/dataset_index.h"
#include "data/masks/rle.h"
#include "data/random/philox.h"
#include "metrics/metric_log.pb.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {

std::vector<ItemRange> EvalBatches(int64_t items, int64_t batch, int rank,
                                   int ranks) {
  std::vector<ItemRange> ranges;
  for (int64_t begin = rank * batch; begin < items; begin += ranks * batch) {
    ranges.push_back({begin, std::min(items, begin + batch)});
  }
  return ranges;
}

std::vector<int64_t> PermutedItems(int64_t items) {
  TRANSECT_CHECK(items >= 2) << "items = " << items;
  std::vector<int64_t> permuted(items);
  std::iota(permuted.begin(), permuted.end(), 0);
  Philox random(0, "permuted sentences");
  for (int64_t i = items - 1; i > 0; --i) {
    std::swap(permuted[i], permuted[random.NextBelow(i)]);
  }
  return permuted;
}

PixelCounts CountPixels(absl::Span<const uint8_t> a,
                        absl::Span<const uint8_t> b) {
  TRANSECT_CHECK(a.size() == b.size())
      << "masks of " << a.size() << " and " << b.size() << " pixels";
  int64_t both = 0;
  int64_t either = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const bool in_a = a[i] != 0;
    const bool in_b = b[i] != 0;
    both += in_a && in_b;
    either += in_a || in_b;
  }
  PixelCounts counts;
  counts.set_intersection(both);
  counts.set_union_(either);
  return counts;
}

PredictedMask MakePredictedMask(const Sample& sample,
                                absl::Span<const uint8_t> predicted) {
  PredictedMask mask;
  mask.set_split(sample.split);
  mask.set_item_id(sample.id);
  mask.set_category_id(sample.category_id);
  mask.set_height(sample.mask.height);
  mask.set_width(sample.mask.width);
  mask.set_counts(EncodeRleString(
      RleFromMask(predicted, sample.mask.height, sample.mask.width)));
  return mask;
}

EvalItem MakeEvalItem(const Sample& sample,
                      absl::Span<const uint8_t> predicted) {
  EvalItem item;
  item.set_split(sample.split);
  item.set_item_id(sample.id);
  item.set_category_id(sample.category_id);
  const std::vector<uint8_t> truth = MaskFromRle(sample.mask);
  *item.mutable_prediction() = CountPixels(predicted, truth);
  if (!sample.objects_known) {
    return item;
  }
  item.set_objects(static_cast<int32_t>(1 + sample.others.size()));
  std::vector<uint8_t> all = truth;
  for (const ObjectMask& other : sample.others) {
    const std::vector<uint8_t> mask = MaskFromRle(other.mask);
    std::transform(all.begin(), all.end(), mask.begin(), all.begin(),
                   [](uint8_t a, uint8_t b) { return a | b; });
    if (other.category_id != sample.category_id) {
      continue;
    }
    const PixelCounts counts = CountPixels(predicted, mask);
    if (!item.has_distractor() ||
        counts.intersection() > item.distractor().intersection()) {
      *item.mutable_distractor() = counts;
    }
  }
  *item.mutable_all_objects() = CountPixels(all, truth);
  return item;
}

}  // namespace transect
