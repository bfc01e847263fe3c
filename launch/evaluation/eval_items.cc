#include "launch/evaluation/eval_items.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "data/annotations/rrsisd.h"
#include "data/index/dataset_index.h"
#include "data/masks/rle.h"
#include "data/random/philox.h"
#include "data/text/sentence_parts.h"
#include "metrics/metric_log.pb.h"
#include "metrics/segmentation.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

// Sattolo's algorithm: a permutation that is one cycle, so that nothing stays.
std::vector<int64_t> OneCycle(int64_t items, Philox random) {
  std::vector<int64_t> permuted(items);
  std::iota(permuted.begin(), permuted.end(), 0);
  for (int64_t i = items - 1; i > 0; --i) {
    std::swap(permuted[i], permuted[random.NextBelow(i)]);
  }
  return permuted;
}

// "The CATEGORY" of every other object that is alone in its category.
std::vector<std::string> UniqueOthers(const Sample& sample) {
  std::map<int, int> count;
  ++count[sample.category_id];
  for (const ObjectMask& other : sample.others) {
    ++count[other.category_id];
  }
  std::vector<std::string> sentences;
  for (const ObjectMask& other : sample.others) {
    if (count[other.category_id] == 1) {
      sentences.push_back(
          absl::StrCat("The ", kRrsisdCategories.at(other.category_id).phrase));
    }
  }
  return sentences;
}

double Iou(const PixelCounts& counts) {
  return ItemIou({.item_id = 0,
                  .intersection = counts.intersection(),
                  .union_ = counts.union_()});
}

// Nothing where all items have one sentence: it is not the item's own.
void AddSentenceParts(const Sample& sample, EvalItem* item) {
  if (sample.sentence == kConstantSentence) return;
  const SentenceParts parts = PartsOfSentence(sample.sentence);
  if (parts == SentenceParts{}) {
    item->add_sentence_parts(EvalItem::ONLY_CATEGORY);
  }
  if (parts.color) item->add_sentence_parts(EvalItem::COLOR);
  if (parts.size) item->add_sentence_parts(EvalItem::SIZE);
  if (parts.position) item->add_sentence_parts(EvalItem::POSITION);
  if (parts.relation) item->add_sentence_parts(EvalItem::RELATION);
}

}  // namespace

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
  return OneCycle(items, Philox(0, "permuted sentences"));
}

std::vector<std::string> PermutedSentences(absl::Span<const Sample> samples) {
  std::vector<std::string> sentences(samples.size());
  if (samples.size() < 2) {
    return sentences;
  }
  const std::vector<int64_t> permuted =
      PermutedItems(static_cast<int64_t>(samples.size()));
  for (size_t i = 0; i < samples.size(); ++i) {
    sentences[i] = samples[permuted[i]].sentence;
  }
  return sentences;
}

std::vector<std::string> SentencesWithinCategory(
    absl::Span<const Sample> samples) {
  std::map<int, std::vector<size_t>> by_category;
  for (size_t i = 0; i < samples.size(); ++i) {
    if (samples[i].category_id >= 0) {
      by_category[samples[i].category_id].push_back(i);
    }
  }
  std::vector<std::string> sentences(samples.size());
  for (const auto& [category, items] : by_category) {
    if (items.size() < 2) {
      continue;
    }
    const std::vector<int64_t> permuted =
        OneCycle(static_cast<int64_t>(items.size()),
                 Philox(0, "sentences within a category", category));
    for (size_t i = 0; i < items.size(); ++i) {
      sentences[items[i]] = samples[items[permuted[i]]].sentence;
    }
  }
  return sentences;
}

namespace {

// Whether the samples, of one image, name two objects: both have pixels and
// none in common.
bool AreApart(const Sample& a, const Sample& b) {
  const std::vector<uint8_t> in_a = MaskFromRle(a.mask);
  const std::vector<uint8_t> in_b = MaskFromRle(b.mask);
  if (in_a.size() != in_b.size()) return false;
  bool any_a = false;
  bool any_b = false;
  for (size_t i = 0; i < in_a.size(); ++i) {
    if (in_a[i] != 0 && in_b[i] != 0) return false;
    any_a = any_a || in_a[i] != 0;
    any_b = any_b || in_b[i] != 0;
  }
  return any_a && any_b;
}

}  // namespace

std::vector<std::string> OtherObjectSentences(
    absl::Span<const Sample> samples) {
  std::map<std::string, std::vector<const Sample*>> by_image;
  for (const Sample& sample : samples) {
    by_image[sample.image_path].push_back(&sample);
  }
  std::vector<std::string> sentences;
  for (const Sample& sample : samples) {
    std::vector<std::string> others;
    for (const Sample* other : by_image[sample.image_path]) {
      if (other->sentence != sample.sentence && AreApart(*other, sample)) {
        others.push_back(other->sentence);
      }
    }
    if (others.empty()) {
      others = UniqueOthers(sample);
    }
    if (others.empty()) {
      sentences.emplace_back();
      continue;
    }
    Philox random(0, "sentence of another object",
                  static_cast<uint64_t>(sample.id));
    sentences.push_back(others[random.NextBelow(others.size())]);
  }
  return sentences;
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
  item.set_target_area(RleArea(sample.mask));
  item.set_image_pixels(static_cast<int64_t>(truth.size()));
  AddSentenceParts(sample, &item);
  if (!sample.objects_known) {
    return item;
  }
  item.set_objects(static_cast<int32_t>(1 + sample.others.size()));
  int32_t of_category = 1;
  std::vector<uint8_t> all = truth;
  for (const ObjectMask& other : sample.others) {
    const std::vector<uint8_t> mask = MaskFromRle(other.mask);
    std::transform(all.begin(), all.end(), mask.begin(), all.begin(),
                   [](uint8_t a, uint8_t b) { return a | b; });
    if (other.category_id != sample.category_id) {
      continue;
    }
    ++of_category;
    const PixelCounts counts = CountPixels(predicted, mask);
    if (!item.has_distractor() || Iou(counts) > Iou(item.distractor())) {
      *item.mutable_distractor() = counts;
    }
  }
  item.set_category_objects(of_category);
  *item.mutable_all_objects() = CountPixels(all, truth);
  return item;
}

}  // namespace transect
