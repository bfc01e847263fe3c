#include "data/index/split_index.h"

#include <array>
#include <cstddef>
#include <utility>

#include "data/annotations/annotations.h"
#include "data/index/index_build.h"
#include "data/spec.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// What the cache has of `splits`, up to the first that it lacks.
std::vector<IndexView> ReadCached(const std::string& root,
                                  const FoundDataset& spec,
                                  absl::Span<const int> splits,
                                  const SplitIndexOptions& options,
                                  const std::string& key) {
  std::vector<IndexView> views;
  for (const int split : splits) {
    absl::StatusOr<IndexView> cached =
        ReadCachedSplit(options.cache_dir, spec, root, kSplitNames[split], key);
    if (!cached.ok() ||
        (options.decode_images && !cached->index.images_decoded())) {
      break;
    }
    views.push_back(*std::move(cached));
  }
  return views;
}

}  // namespace

absl::StatusOr<std::vector<IndexView>> OpenSplitIndexes(
    const std::string& root, const FoundDataset& spec,
    absl::Span<const int> splits, const SplitIndexOptions& options) {
  // Before the files are read, so that a change meanwhile is noticed later.
  const std::string key = options.cache_dir.empty() ? "" : IndexKey(spec, root);
  if (!options.cache_dir.empty()) {
    std::vector<IndexView> cached =
        ReadCached(root, spec, splits, options, key);
    if (cached.size() == splits.size()) return cached;
  }
  IndexBuildOptions build;
  build.ignored_label = spec.ignored_label();
  build.sentence_field = spec.sentence_field();
  build.decode_images = options.decode_images;
  build.progress = options.progress;
  TRANSECT_ASSIGN_OR_RETURN(Annotations all,
                            BuildIndex(spec.format(), root, build));
  auto indexes = SplitIndex(std::move(all), key, options.decode_images);
  if (!options.cache_dir.empty()) {
    for (size_t i = 0; i < indexes.size(); ++i) {
      // Without a cache the next opening takes longer and is no worse.
      WriteCachedSplit(options.cache_dir, spec, root, kSplitNames[i],
                       &indexes[i])
          .IgnoreError();
    }
  }
  std::vector<IndexView> views;
  for (const int split : splits) {
    views.push_back({std::move(indexes[split]), {}, nullptr});
  }
  return views;
}

}  // namespace transect
