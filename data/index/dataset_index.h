/// \file
/// A data set opened for reading: one entry per image-sentence-mask triplet, in
/// any of the layouts of data/annotations/annotations.h.
///
/// Output: samples for batches (data/batch/batch.h) and evaluation. Opening
/// reads the annotations and the headers of the images once and caches the
/// result for the user (data/index/index_cache.h); the spec's policy then
/// applies to defects of records. Pixels are not decoded here, unless the
/// policy drops images that cannot be decoded.
#ifndef TRANSECT_DATA_INDEX_DATASET_INDEX_H_
#define TRANSECT_DATA_INDEX_DATASET_INDEX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "data/index/apply_policy.h"
#include "data/masks/rle.h"

namespace transect {

/// Every item's sentence where DataSpec::sentences is CONSTANT. It names no
/// category, color or place, and tokenizers know its words or their letters.
inline constexpr char kConstantSentence[] = "The target";

/// One object of a scene.
struct ObjectMask {
  /// 0 to 19, see data/annotations/rrsisd.h.
  int category_id = 0;
  Rle mask;
};

/// One sentence about one object of one image.
struct Sample {
  /// Unique in the data set; in RRSIS-D image, reference and annotation id.
  int64_t id = 0;
  std::string image_path;
  std::string sentence;
  /// Category of the named object; -1 if the data set has no categories.
  int category_id = 0;
  /// train, val or test.
  std::string split;
  /// The named object, at the size of the image. Empty only where the policy
  /// keeps empty masks.
  Rle mask;
  /// Pixels that count neither in the loss nor in metrics, none of them in
  /// `mask`, whose size it has; 0 x 0 where there are none.
  Rle ignored;
  /// Size of the image by its header; the same as the mask's.
  int image_height = 0;
  int image_width = 0;
  /// The other objects of the scene, if objects_known.
  std::vector<ObjectMask> others;
  /// True if the data set says what else the scene holds.
  bool objects_known = false;
};

/// The samples of one split.
class DatasetIndex {
 public:
  /// Opens split `split` of the data set that `spec` describes in directory
  /// `root`. A synthetic one has the layout RRSISD and is not cached. The
  /// annotations of all splits are checked; the policy applies to this one.
  /// `spec.sentences` decides which sentences the samples have.
  ///
  /// kNotFound if the directory, a file of annotations or the split is missing,
  /// or if the policy drops the whole split. kInvalidArgument, with file and
  /// record, for contents that break the structure, and with file, record,
  /// defect and field of the policy for a defect whose action is ERROR. A cache
  /// that is damaged or cannot be written is ignored.
  static absl::StatusOr<DatasetIndex> Open(const std::string& root,
                                           const DataSpec& spec,
                                           absl::string_view split);

  /// The same for a found data set with the cache in `cache_dir`; "" caches
  /// nothing.
  static absl::StatusOr<DatasetIndex> OpenFound(const std::string& root,
                                                const FoundDataset& spec,
                                                absl::string_view split,
                                                const std::string& cache_dir);

  /// The layout RRSISD with the default policy, not cached.
  static absl::StatusOr<DatasetIndex> OpenRrsisd(const std::string& root,
                                                 absl::string_view split);

  /// Ascending by id; at least one.
  const std::vector<Sample>& samples() const { return samples_; }

  /// What the policy kept, dropped and repaired.
  const SplitUse& use() const { return use_; }

 private:
  std::vector<Sample> samples_;
  SplitUse use_;
};

}  // namespace transect

#endif  // TRANSECT_DATA_INDEX_DATASET_INDEX_H_
