/// \file
/// A data set opened for reading: one entry per image-sentence-mask triplet.
///
/// Input: the folder of a data set in the RRSIS-D layout,
///
///     rrsisd/refs(unc).p              references, a Python pickle
///     rrsisd/instances.json           masks, like COCO's
///     rrsisd/scenes.jsonl             optional, see below
///     images/rrsisd/JPEGImages/00001.jpg ...
///
/// Output: samples for batches (data/batch/batch.h) and evaluation. No image is
/// opened here. Known oddities of the format: `instances.json` writes
/// `categories_id`, its `area` is wrong and is ignored, and the sentence is
/// `sent`, as RSRefSeg reads it.
///
/// `scenes.jsonl` is an extension that synthetic data sets have: every object
/// of every image, so that the mask of all objects is known. One JSON object
/// per line: {"image_id": 1, "target": 0, "objects": [{"category_id": 2,
/// "color": "white", "bbox": [x1, y1, x2, y2], "segmentation": {"size":
/// [height, width], "counts": "..."}}, ...]}; `target` is the index of the
/// named object.
#ifndef TRANSECT_DATA_DATASET_INDEX_H_
#define TRANSECT_DATA_DATASET_INDEX_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/rle.h"

namespace transect {

/// One object of a scene.
struct ObjectMask {
  /// 0 to 19, see rrsisd.h.
  int category_id = 0;
  Rle mask;
};

/// One sentence about one object of one image.
struct Sample {
  /// Image, reference and annotation id; unique.
  int64_t id = 0;
  std::string image_path;
  std::string sentence;
  int category_id = 0;
  /// train, val or test.
  std::string split;
  /// The named object, at the size of the annotation: in 14 samples of RRSIS-D
  /// it differs from the image's. May be empty in published data.
  Rle mask;
  /// The other objects of the scene, if objects_known.
  std::vector<ObjectMask> others;
  /// True if the data set says what else the scene holds.
  bool objects_known = false;
};

/// The samples of one split.
class DatasetIndex {
 public:
  /// Opens split `split` of the data set in folder `root`. Records of all
  /// splits are checked: ids agree, categories agree in both files, one
  /// sentence per reference, no image twice, masks decode, file names are
  /// %05d.jpg. kNotFound if the folder, a file of annotations or the split is
  /// missing; kInvalidArgument, with file and record, for broken contents.
  static absl::StatusOr<DatasetIndex> OpenRrsisd(const std::string& root,
                                                 absl::string_view split);

  /// Ascending by id; at least one.
  const std::vector<Sample>& samples() const { return samples_; }

 private:
  std::vector<Sample> samples_;
};

}  // namespace transect

#endif  // TRANSECT_DATA_DATASET_INDEX_H_
