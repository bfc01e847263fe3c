/// \file
/// The indexes of a data set's splits, from the user's cache where it has them.
#ifndef TRANSECT_DATA_INDEX_SPLIT_INDEX_H_
#define TRANSECT_DATA_INDEX_SPLIT_INDEX_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "data/data.pb.h"
#include "data/index/index_cache.h"

namespace transect {

struct SplitIndexOptions {
  /// Where indexes are kept (IndexCacheDir); empty for nowhere.
  std::string cache_dir;
  /// Whether every image must have been decoded; otherwise headers suffice.
  bool decode_images = false;
  /// As IndexBuildOptions.progress; not called where the cache has all.
  std::function<void(int64_t done, int64_t total)> progress;
};

/// The indexes of `splits`, numbers of kSplitNames, in that order. If the cache
/// lacks one of them, all three splits are indexed and written to it; a cache
/// that is damaged or cannot be written is ignored. Errors of BuildIndex.
absl::StatusOr<std::vector<IndexView>> OpenSplitIndexes(
    const std::string& root, const FoundDataset& spec,
    absl::Span<const int> splits, const SplitIndexOptions& options);

}  // namespace transect

#endif  // TRANSECT_DATA_INDEX_SPLIT_INDEX_H_
