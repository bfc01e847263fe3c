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
/// A reader maps the file and copies no run lengths. It is replaced by rename,
/// never changed, so a mapping stays whole.
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

namespace transect {

/// Where the indexes of a user are: transect/index below XDG_CACHE_HOME, else
/// below ~/.cache. Empty where neither is known; then nothing is cached.
std::string IndexCacheDir();

/// What an index of the data set at `root` would be made of now: layout, root,
/// kIndexVersion and, of each of AnnotationPaths, inode, size and time of
/// modification. An image that is overwritten in place does not change it; that
/// is told by its record (IndexedRecord.files).
std::string IndexKey(FoundDataset::Format format, const std::string& root);

/// One split and where the run lengths of its masks are.
struct IndexView {
  IndexedSplit index;
  /// Run lengths behind the message of a cached file; empty where the records
  /// have their own.
  absl::Span<const uint32_t> runs;
  std::shared_ptr<const void> owner;

  /// The mask of a record of `index`; 0 x 0 where it has none. May outlive the
  /// view.
  Rle MaskOf(const IndexedRecord& record) const;
  Rle MaskOf(const IndexedObject& object) const;
};

/// Reads the index of `split`. kNotFound where there is none, it is of another
/// key, or an image or mask file was replaced or written to since; kDataLoss,
/// with the path, for a file that is damaged.
absl::StatusOr<IndexView> ReadCachedSplit(const std::string& cache_dir,
                                          FoundDataset::Format format,
                                          const std::string& root,
                                          absl::string_view split,
                                          absl::string_view key);

/// The records of each split, moved into what is written.
std::array<IndexedSplit, kSplitNames.size()> SplitIndex(Annotations all,
                                                        absl::string_view key,
                                                        bool images_decoded);

/// Writes it, atomically; makes the directory. `index` is changed meanwhile and
/// has its run lengths again afterwards.
absl::Status WriteCachedSplit(const std::string& cache_dir,
                              FoundDataset::Format format,
                              const std::string& root, absl::string_view split,
                              IndexedSplit* index);

}  // namespace transect

#endif  // TRANSECT_DATA_INDEX_INDEX_CACHE_H_
