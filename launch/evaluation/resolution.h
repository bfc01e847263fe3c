/// \file
/// Samples at the size at which an evaluation compares masks
/// (EvaluationSpec.resolution). No LibTorch.
#ifndef TRANSECT_LAUNCH_EVALUATION_RESOLUTION_H_
#define TRANSECT_LAUNCH_EVALUATION_RESOLUTION_H_

#include <string>

#include "data/index/dataset_index.h"

namespace transect {

/// `sample` as it is scored on a square of `resolution` x `resolution` pixels,
/// at least 1: its mask, the pixels that do not count and the masks of other
/// objects, each by nearest neighbor (data/masks/pillow_nearest.h). An object
/// of a pixel or two may vanish. Its image is not for reading: the file has
/// the old size.
Sample AtResolution(const Sample& sample, int resolution);

/// Digest of what is scored there, for a split with the digest `content`
/// (data/index/content_digest.h); `content` itself for resolution 0.
std::string ContentAtResolution(const std::string& content, int resolution);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EVALUATION_RESOLUTION_H_
