/// \file
/// Indexes of data sets, kept on disk between programs: one file for each split
/// of each data set, "TRSCTIDX", the little-endian CRC-32C of what follows, and
/// an `IndexedSplit` (data/index.proto).
#ifndef TRANSECT_DATA_INDEX_CACHE_H_
#define TRANSECT_DATA_INDEX_CACHE_H_

#include <array>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/annotations.h"
#include "data/data.pb.h"
#include "data/index.pb.h"

namespace transect {

/// Where the indexes of a user are: transect/index below XDG_CACHE_HOME, else
/// below ~/.cache. Empty where neither is known; then nothing is cached.
std::string IndexCacheDir();

/// What an index of the data set at `root` would be made of now: layout, root,
/// kIndexVersion and, of each of AnnotationPaths, inode, size and time of
/// modification. An image that is overwritten in place does not change it.
std::string IndexKey(FoundDataset::Format format, const std::string& root);

/// Reads the index of `split`. kNotFound where there is none or it is of
/// another key; kDataLoss, with the path, for a file that is damaged.
absl::StatusOr<IndexedSplit> ReadCachedSplit(const std::string& cache_dir,
                                             FoundDataset::Format format,
                                             const std::string& root,
                                             absl::string_view split,
                                             absl::string_view key);

/// The records of each split, moved into what is written.
std::array<IndexedSplit, kSplitNames.size()> SplitIndex(Annotations all,
                                                        absl::string_view key,
                                                        bool images_decoded);

/// Writes it, atomically; makes the folder.
absl::Status WriteCachedSplit(const std::string& cache_dir,
                              FoundDataset::Format format,
                              const std::string& root, absl::string_view split,
                              const IndexedSplit& index);

}  // namespace transect

#endif  // TRANSECT_DATA_INDEX_CACHE_H_
