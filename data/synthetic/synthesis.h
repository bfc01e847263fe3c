/// \file
/// Synthetic referring segmentation: scenes, sentences and masks made by a
/// recipe (SynthesisSpec, data.proto), written in the exact RRSIS-D layout, so
/// that data/index/dataset_index.h reads them like the real data set.
///
/// A scene's layout, sentence and pixels are functions of (seed, style, split,
/// number within the split) and the other fields of the recipe, never of how
/// many images a split has or of what was made before. Drawing uses integers
/// only: the same bytes on every x86-64 machine with the same libjpeg-turbo.
#ifndef TRANSECT_DATA_SYNTHETIC_SYNTHESIS_H_
#define TRANSECT_DATA_SYNTHETIC_SYNTHESIS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "data/synthetic/blind_bounds.h"

namespace transect {

/// Writes the data set of a valid `spec` into directory `dir`, which is made if
/// needed:
///
///     dir/rrsisd/refs(unc).p, instances.json, scenes.jsonl
///     dir/images/rrsisd/JPEGImages/00001.jpg ...
///     dir/images/rrsisd/ann_split/00001.xml ...
///     dir/blind_bounds.json
///
/// Ids count from 1 through train, val and test. `area` in instances.json is
/// the true area, `bbox` the extent of the mask as corners, the second one
/// exclusive. Everything is on disk when it returns, but the directory is not
/// written in one step: the caller writes to a temporary name and renames.
/// `progress(done, total)` is called after each image, in order, on the calling
/// thread; it may be null. `threads` render, 0 for one per processor; the files
/// do not depend on it. Returns what blind_bounds.json records, per split. A
/// full disk is kResourceExhausted.
absl::StatusOr<std::vector<BlindBound>> WriteSyntheticDataset(
    const SynthesisSpec& spec, const std::string& dir,
    const std::function<void(int64_t done, int64_t total)>& progress,
    int threads = 0);

/// The sentences of split `split` in order of their ids, without drawing a
/// pixel of the images: the corpus of a tokenizer.
absl::StatusOr<std::vector<std::string>> SyntheticSentences(
    const SynthesisSpec& spec, absl::string_view split);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_SYNTHESIS_H_
