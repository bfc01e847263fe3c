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

namespace transect {

struct IndexBuildOptions {
  /// FoundDataset.ignored_label; 0 for none.
  int ignored_label = 0;
  /// FoundDataset.sentence_field.
  FoundDataset::SentenceField sentence_field = FoundDataset::SENT;
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
/// of each split ascend by id. An image or mask whose name the directory has in
/// another Unicode form (file_names.h) is read under that name. Errors as
/// ReadAnnotations.
absl::StatusOr<Annotations> BuildIndex(FoundDataset::Format format,
                                       const std::string& root,
                                       const IndexBuildOptions& options);

/// The record's mask; 0 x 0 if it has none.
Rle MaskOf(const IndexedRecord& record);

}  // namespace transect

#endif  // TRANSECT_DATA_INDEX_INDEX_BUILD_H_
