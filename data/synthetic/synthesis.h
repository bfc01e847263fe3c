/// \file
/// Synthetic referring segmentation: scenes, sentences and masks generated from
/// a recipe (SynthesisSpec, data.proto) and written in the exact RRSIS-D
/// layout, so that data/index/dataset_index.h reads them like the real data
/// set.
///
/// A scene's objects, sentence and pixels are functions of (seed, style, split,
/// number within the split) and the other fields of the recipe, never of how
/// many images a split has or of what was generated before. Rendering uses
/// integers only: the same bytes on every x86-64 machine with the same
/// libjpeg-turbo.
#ifndef TRANSECT_DATA_SYNTHETIC_SYNTHESIS_H_
#define TRANSECT_DATA_SYNTHETIC_SYNTHESIS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "data/data.pb.h"
#include "data/synthetic/blind_bounds.h"

namespace transect {

/// Generates the data set of a valid `spec` as the new directory `dir`:
///
///     dir/rrsisd/refs(unc).p, instances.json, scenes.jsonl
///     dir/images/rrsisd/JPEGImages/00001.jpg ...
///     dir/images/rrsisd/ann_split/00001.xml ...
///     dir/blind_bounds.json
///
/// Ids count from 1 through train, val and test. `area` in instances.json is
/// the true area, `bbox` the extent of the mask as corners, the second one
/// exclusive. The directory appears complete and on disk, or not at all
/// (data/io/new_directory.h). `progress(done, total)`, if not null, is called
/// after each image, in order, on the calling thread. `threads` threads render,
/// 0 for one per processor; the files do not depend on it. Returns the contents
/// of blind_bounds.json, per split. kAlreadyExists if `dir` exists,
/// kResourceExhausted if the disk is full or the objects of a scene find no
/// room.
absl::StatusOr<std::vector<BlindBound>> WriteSyntheticDataset(
    const SynthesisSpec& spec, const std::string& dir,
    const std::function<void(int64_t done, int64_t total)>& progress,
    int threads = 0);

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_SYNTHESIS_H_
