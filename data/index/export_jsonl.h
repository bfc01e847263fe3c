/// \file
/// Any data set in the JSON-lines format that RSRefSeg's and RSRefSeg2's code
/// and DatasetIndex read (layout JSONL of data/annotations/annotations.h).
#ifndef TRANSECT_DATA_INDEX_EXPORT_JSONL_H_
#define TRANSECT_DATA_INDEX_EXPORT_JSONL_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "data/annotations/record.pb.h"
#include "data/data.pb.h"

namespace transect {

/// The row of one record, without a newline. Records with a category get the
/// fields of `rrsisd` rows, `segmentation` as a list; others those of
/// `refsegrs` and `risbench` rows. `file_name` is relative to
/// `image_directory`.
std::string JsonlRow(const IndexedRecord& record, absl::string_view split,
                     absl::string_view image_directory);

struct ExportedRows {
  int64_t rows = 0;
  /// Those whose mask file has ignored pixels (FoundDataset.ignored_label),
  /// which a row cannot say: they are background in it.
  int64_t with_ignored = 0;
};

/// Reads the data set as `reading` says, whose policy does not count, and
/// writes `out`/datainfo/NAME_SPLIT.jsonl for every split that has records, and
/// `out`/images, a link to the directory of the images. NAME is rrsisd,
/// refsegrs, risbench or data. `out` must not exist; it appears complete or not
/// at all. Defects are written as they are; a record without a readable mask,
/// or whose mask file has many values or is in an alpha channel, is
/// kInvalidArgument: a row must have a mask and cannot say such things of it.
absl::StatusOr<ExportedRows> ExportJsonl(const FoundDataset& reading,
                                         const std::string& root,
                                         const std::string& out);

}  // namespace transect

#endif  // TRANSECT_DATA_INDEX_EXPORT_JSONL_H_
