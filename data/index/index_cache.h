/// \file
/// Indexes of data sets, kept on disk between programs: one file for each split
/// of each data set. All numbers are little-endian:
///
///     8 bytes   "TRSCTIDX"
///     4 bytes   CRC-32C of all that follows
///     4 bytes   number of run lengths
///     ...       run lengths, 4 bytes each
///     ...       an `IndexedSplit` (data/index/index.proto) without run lengths
///
/// A reader maps the file and copies no run lengths. A file is replaced by
/// rename and never changed, so a mapping stays valid.
#ifndef TRANSECT_DATA_INDEX_INDEX_CACHE_H_
#define TRANSECT_DATA_INDEX_INDEX_CACHE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/annotations/annotations.h"
#include "data/annotations/record.pb.h"
#include "data/data.pb.h"
#include "data/index/index.pb.h"
#include "data/masks/rle.h"
#include "data/spec.h"

namespace transect {

/// Directory of a user's indexes: transect/index below XDG_CACHE_HOME, else
/// below ~/.cache. Empty if neither is known; then nothing is cached.
std::string IndexCacheDir();

/// Identifies what an index of the data set at `root` would be built from now:
/// layout, ignored label, sentence field, root, kIndexVersion and the inode,
/// size and time of modification of each of AnnotationPaths. An image that is
/// overwritten in place does not change the key; IndexedRecord.files tells
/// that.
std::string IndexKey(const FoundDataset& spec, const std::string& root);

/// One split, with the run lengths of its masks.
struct IndexView {
  IndexedSplit index;
  /// Run lengths of a cached file; empty if the records hold their own.
  absl::Span<const uint32_t> runs;
  std::shared_ptr<const void> owner;

  /// The mask of a record of `index`; 0 x 0 where it has none. May outlive the
  /// view.
  Rle MaskOf(const IndexedRecord& record) const;
  Rle MaskOf(const IndexedObject& object) const;
  Rle MaskOf(const IndexedMask& mask) const;
};

/// The index in the bytes of a file, which the view keeps; they start at a
/// multiple of 4 bytes. kDataLoss, with `name`, if they are damaged: not what
/// SerializeIndex writes, or a mask whose run lengths do not fill it.
absl::StatusOr<IndexView> ParseIndex(
    std::shared_ptr<const absl::string_view> file, absl::string_view name);

/// The bytes of a file. `index` is changed meanwhile and has its run lengths
/// again afterwards.
std::string SerializeIndex(IndexedSplit* index);

/// Reads the index of `split`. kNotFound if there is none, its key is another,
/// or an image or mask file was replaced or written to since; errors of
/// ParseIndex.
absl::StatusOr<IndexView> ReadCachedSplit(const std::string& cache_dir,
                                          const FoundDataset& spec,
                                          const std::string& root,
                                          absl::string_view split,
                                          absl::string_view key);

/// Moves the records of each split into the message of its file.
std::array<IndexedSplit, kSplitNames.size()> SplitIndex(Annotations all,
                                                        absl::string_view key,
                                                        bool images_decoded);

/// Writes SerializeIndex(index) atomically; makes the directory.
absl::Status WriteCachedSplit(const std::string& cache_dir,
                              const FoundDataset& spec, const std::string& root,
                              absl::string_view split, IndexedSplit* index);

}  // namespace transect

#endif  // TRANSECT_DATA_INDEX_INDEX_CACHE_H_
