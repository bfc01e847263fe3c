/// \file
/// What an evaluation scores, as one digest: equal for two splits exactly if
/// their items have the same ids, true masks, ignored pixels and image files.
///
/// Item ids alone do not say it: those of synthetic data sets are 1 to N
/// whatever the recipe, and a defect policy that repairs a mask keeps its id.
#ifndef TRANSECT_DATA_INDEX_CONTENT_DIGEST_H_
#define TRANSECT_DATA_INDEX_CONTENT_DIGEST_H_

#include <string>

#include "absl/status/statusor.h"
#include "data/index/dataset_index.h"

namespace transect {

/// SHA-256, 64 hexadecimal digits, over a line for each item of `split`,
/// ascending by id:
///
///     ID HEIGHT WIDTH RUN,RUN,... SHA256_OF_IMAGE_FILE
///
/// and, where pixels are ignored, " ignored " with the runs of those.
///
/// The mask is Sample::mask, the one that predictions are compared with: after
/// the policy's repair to the size of the image, before any resize to the size
/// of a network. Its runs are written in canonical form, so that equal pixels
/// give equal digests however the files spell them. The image counts by the
/// bytes of its file, not by its path.
///
/// Left out: sentence and category, which belong to what a model is told (a
/// table may compare models that are told different things about the same
/// images); the other objects of the scene, which only controls use; the name
/// of the split.
///
/// Reads every image file once, also where several items share it. Errors of
/// Sha256OfFile, which name the file.
absl::StatusOr<std::string> ContentDigest(const DatasetIndex& split);

}  // namespace transect

#endif  // TRANSECT_DATA_INDEX_CONTENT_DIGEST_H_
