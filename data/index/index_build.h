/// \file From annotation files and images to records with all their defects,
/// which the index caches and `transect data check` reports. Independent of any
/// policy.
#ifndef TRANSECT_DATA_INDEX_INDEX_BUILD_H_
#define TRANSECT_DATA_INDEX_INDEX_BUILD_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/annotations/annotations.h"
#include "data/annotations/record.pb.h"
#include "data/data.pb.h"
#include "data/masks/rle.h"
#include "google/protobuf/repeated_field.h"

namespace transect {

/// Version of the contents of records. Raise it with every change of readers or
/// defects; cached indexes are then rebuilt.
inline constexpr int kIndexVersion = 2;

struct IndexBuildOptions {
  /// FoundDataset.ignored_label; 0 for none.
  int ignored_label = 0;
  /// Decode every image; otherwise image_unreadable covers only headers.
  bool decode_images = false;
  /// Called from time to time by the calling thread, with records done and in
  /// total.
  std::function<void(int64_t done, int64_t total)> progress;
  /// With decode_images: filled with the SHA-256 of each record's image file in
  /// order of the records; empty for a file that cannot be read.
  std::vector<std::string>* image_digests = nullptr;
};

/// Reads the annotations, the images' headers and mask files, on all
/// processors, and puts on each record the defects that have a policy. Records
/// of each split ascend by id. Errors as ReadAnnotations.
absl::StatusOr<Annotations> BuildIndex(FoundDataset::Format format,
                                       const std::string& root,
                                       const IndexBuildOptions& options);

/// The first of `records` whose image or mask file was replaced or written to
/// since it was indexed, by `IndexedRecord.files`; -1 if there is none. Opens
/// no file.
int64_t FirstChangedRecord(
    const std::string& root,
    const google::protobuf::RepeatedPtrField<IndexedRecord>& records);

/// The record's mask; 0 x 0 if it has none.
Rle MaskOf(const IndexedRecord& record);

/// Calls work(i) for 0 <= i < count on all processors; `work` may be called
/// from several threads at once. `progress` may be empty.
void ForEachInParallel(
    int64_t count, const std::function<void(int64_t)>& work,
    const std::function<void(int64_t done, int64_t total)>& progress);

}  // namespace transect

#endif  // TRANSECT_DATA_INDEX_INDEX_BUILD_H_
