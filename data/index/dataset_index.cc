#include "data/index/dataset_index.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/annotations/record.pb.h"
#include "data/defects.h"
#include "data/index/index.pb.h"
#include "data/index/index_cache.h"
#include "data/index/split_index.h"
#include "data/spec.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Reads the split from the cache, or makes the index and writes all splits.
absl::StatusOr<IndexView> IndexOfSplit(const std::string& root,
                                       const FoundDataset& spec, int split,
                                       const std::string& cache_dir) {
  SplitIndexOptions options;
  options.cache_dir = cache_dir;
  options.decode_images =
      ActionFor(spec.policy(), FindDefectKind(kImageUnreadable)) ==
      DefectPolicy::DROP;
  const int splits[] = {split};
  TRANSECT_ASSIGN_OR_RETURN(std::vector<IndexView> views,
                            OpenSplitIndexes(root, spec, splits, options));
  return std::move(views[0]);
}

// Says which splits there are instead.
absl::Status NoSuchSplit(const std::string& root, const FoundDataset& spec,
                         absl::string_view split,
                         const std::string& cache_dir) {
  std::string present;
  for (size_t i = 0; i < kSplitNames.size(); ++i) {
    const absl::StatusOr<IndexView> other =
        IndexOfSplit(root, spec, static_cast<int>(i), cache_dir);
    if (other.ok() && !other->index.record().empty()) {
      absl::StrAppend(&present, present.empty() ? "" : ", ",
                      other->index.record_size(), " of ", kSplitNames[i]);
    }
  }
  return absl::NotFoundError(absl::StrCat(
      "the data set in ", root, " has no record of split \"", split,
      "\"; it has ", present.empty() ? "no record at all" : present));
}

Sample MakeSample(const std::string& root, absl::string_view split, bool repair,
                  const IndexView& view, IndexedRecord* record) {
  Sample sample;
  sample.id = record->id();
  sample.image_path = absl::StrCat(root, "/", record->image());
  sample.sentence = std::move(*record->mutable_sentence());
  sample.category_id = record->category_id();
  sample.split = std::string(split);
  sample.image_height = record->image_height();
  sample.image_width = record->image_width();
  const auto fit = [&](Rle mask) {
    return repair && (mask.height != sample.image_height ||
                      mask.width != sample.image_width)
               ? ResizeRleNearest(mask, sample.image_height, sample.image_width)
               : mask;
  };
  sample.mask = fit(view.MaskOf(*record));
  if (record->has_ignored()) {
    sample.ignored = fit(view.MaskOf(record->ignored()));
  }
  sample.objects_known = record->objects_known();
  for (const IndexedObject& other : record->other()) {
    sample.others.push_back({other.category_id(), fit(view.MaskOf(other))});
  }
  return sample;
}

}  // namespace

absl::StatusOr<DatasetIndex> DatasetIndex::OpenFound(
    const std::string& root, const FoundDataset& spec, absl::string_view split,
    const std::string& cache_dir) {
  const int number = SplitNumber(split);
  if (number < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("split \"", split, "\", must be train, val or test"));
  }
  TRANSECT_ASSIGN_OR_RETURN(IndexView view,
                            IndexOfSplit(root, spec, number, cache_dir));
  IndexedSplit& index = view.index;
  if (index.record().empty()) {
    return NoSuchSplit(root, spec, split, cache_dir);
  }
  std::vector<RecordFate> fates;
  const absl::StatusOr<SplitUse> use =
      ApplyPolicy(spec.policy(), root, split, index, &fates);
  if (!use.ok()) {
    return absl::Status(
        use.status().code(),
        absl::StrCat(use.status().message(), "\n`transect data check ", root,
                     ReadingFlags(spec),
                     "` lists the defects of all splits and a policy that "
                     "keeps the records"));
  }
  DatasetIndex result;
  result.use_ = *use;
  result.samples_.reserve(index.record_size());
  for (int i = 0; i < index.record_size(); ++i) {
    if (fates[i] != RecordFate::kDrop) {
      result.samples_.push_back(MakeSample(root, split,
                                           fates[i] == RecordFate::kRepair,
                                           view, index.mutable_record(i)));
    }
  }
  if (result.samples_.empty()) {
    return absl::NotFoundError(absl::StrCat("the data set in ", root, ", ",
                                            result.use_.Summary(split)));
  }
  return result;
}

absl::StatusOr<DatasetIndex> DatasetIndex::Open(const std::string& root,
                                                const DataSpec& spec,
                                                absl::string_view split) {
  TRANSECT_ASSIGN_OR_RETURN(
      DatasetIndex index,
      spec.has_found() ? OpenFound(root, spec.found(), split, IndexCacheDir())
                       : OpenRrsisd(root, split));
  if (spec.sentences() == DataSpec::CONSTANT) {
    for (Sample& sample : index.samples_) {
      sample.sentence = kConstantSentence;
    }
  }
  return index;
}

absl::StatusOr<DatasetIndex> DatasetIndex::OpenRrsisd(const std::string& root,
                                                      absl::string_view split) {
  return OpenFound(root, FoundDataset(), split, "");
}

}  // namespace transect
