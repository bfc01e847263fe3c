/// \file
/// Parts of annotations.h: one reader for each layout, and what they share.
/// Used by annotations.cc, the readers, the export and fuzz targets.
#ifndef TRANSECT_DATA_ANNOTATIONS_ANNOTATION_READERS_H_
#define TRANSECT_DATA_ANNOTATIONS_ANNOTATION_READERS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/annotations/annotations.h"
#include "data/annotations/record.pb.h"
#include "data/data.pb.h"
#include "data/masks/segmentation_json.h"
#include "nlohmann/json_fwd.hpp"

namespace transect {

class HeldBytes;

absl::StatusOr<Annotations> ReadRrsisdAnnotations(
    const std::string& root, FoundDataset::SentenceField sentence_field);
absl::StatusOr<Annotations> ReadPhraseAnnotations(FoundDataset::Format format,
                                                  const std::string& root);
absl::StatusOr<Annotations> ReadJsonlAnnotations(
    const std::string& root, FoundDataset::SentenceField sentence_field);

// The rows of one file of the JSONL layout: `text`, which errors call
// `root`/`file`. Images lie in the directory `images` of the root. Adds to
// `records`, their masks to `held` and the rows' own ids to `ids`.
absl::Status ParseJsonl(absl::string_view text, const std::string& root,
                        const std::string& file, absl::string_view split,
                        const std::string& images,
                        FoundDataset::SentenceField sentence_field,
                        HeldBytes* held, std::vector<IndexedRecord>* records,
                        std::vector<std::string>* ids);

// The lines of one phrase file of the layouts REFSEGRS and RISBENCH; arguments
// as of ParseJsonl.
absl::Status ParsePhrases(absl::string_view text, FoundDataset::Format format,
                          const std::string& root, const std::string& file,
                          std::vector<IndexedRecord>* records,
                          std::vector<std::string>* ids);

// Directory of the images of the JSONL layout, relative to `root`; may be "".
std::string JsonlImageDirectory(const std::string& root);
// Directory of the annotation files of the JSONL layout, relative to `root`.
std::string JsonlDirectory(const std::string& root);

// Directory of the mask files that rows of the JSONL layout name.
inline constexpr char kJsonlMasks[] = "masks";

// Largest annotation file in bytes. RRSIS-D's instances.json has some 20 MB.
inline constexpr int64_t kMaxAnnotationBytes = int64_t{1} << 30;

// Bytes that what was read of one file may take. Published files take less than
// a tenth; a small file can make much of little: in a pickle many records share
// a list, and a polygon of a few corners is a mask of many runs.
inline constexpr int64_t kMaxHeldBytes = int64_t{2} << 30;

// Counts towards such a limit.
class HeldBytes {
 public:
  // `file` is what the error names.
  explicit HeldBytes(std::string file, int64_t limit = kMaxHeldBytes)
      : file_(std::move(file)), left_(limit), limit_(limit) {}

  // kResourceExhausted once more than the limit has been added.
  absl::Status Add(int64_t bytes);

 private:
  std::string file_;
  int64_t left_;
  int64_t limit_;
};

// What the masks of a record take.
int64_t MaskBytes(const IndexedRecord& record);

// An error with where it happened in front.
absl::Status InPlace(absl::string_view where, const absl::Status& status);
template <typename T>
absl::StatusOr<T> InPlace(absl::string_view where, absl::StatusOr<T> result) {
  if (!result.ok()) {
    return InPlace(where, result.status());
  }
  return result;
}

// Parses each line of `text` that is not empty as JSON and calls use(number,
// value), lines counted from 1; a byte-order mark before the first is skipped.
// Errors, those of `use` too, begin with `path`:LINE:COLUMN.
absl::Status ForEachJsonLine(
    absl::string_view text, absl::string_view path,
    const std::function<absl::Status(int64_t number,
                                     const nlohmann::json& value)>& use);

// A path below the data set's directory: relative, without "..", "." or empty
// steps, and without a separator unless `may_nest`.
absl::Status CheckName(absl::string_view name, bool may_nest);

// "height" and "width" of `owner`; 0 x 0 where it does not have both.
GivenSize SizeOfJson(const nlohmann::json& owner);

// Fills mask size and runs from `owner`'s member "segmentation", or puts
// mask_missing or mask_unreadable on the record. `image` is the size of the
// image, for polygons.
void ReadMask(const nlohmann::json& owner, const GivenSize& image,
              IndexedRecord* record);

// What the four numbers of "bbox" are.
enum class BoxForm {
  // x1, y1, x2, y2, as RRSIS-D has them.
  kCorners,
  // x, y, width, height, as COCO has them.
  kCornerAndSize,
};

// Fills box and given_area from "bbox" and "area" where `owner` has them.
void ReadBoxAndArea(const nlohmann::json& owner, BoxForm form,
                    IndexedRecord* record);

// Gives the records ids: `own[i]` is the own id of record i over all splits in
// order, as text.
void NumberRecords(const std::vector<std::string>& own, Annotations* all);

}  // namespace transect

#endif  // TRANSECT_DATA_ANNOTATIONS_ANNOTATION_READERS_H_
