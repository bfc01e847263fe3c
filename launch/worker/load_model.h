/// \file
/// The network of a run with its weights: before the first step, or as trained.
#ifndef TRANSECT_LAUNCH_WORKER_LOAD_MODEL_H_
#define TRANSECT_LAUNCH_WORKER_LOAD_MODEL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "experiments/training/training.pb.h"
#include "launch/store/job.pb.h"
#include "model/base/segmentation_model.h"
#include "model/model.pb.h"

namespace transect {

/// How a run's network computes: `training.precision` and
/// `training.activations`, on `device`.
BuildOptions BuildOptionsOf(const TrainingSpec& training, at::Device device);

/// Builds the network of `job.run`, which is resolved and valid, in training
/// mode, and loads the initial weights that the spec names from the paths in
/// `job.initial_weights`: parts of another training or published directories
/// first, adapters over them. What none of them has is as BuildModel drew it
/// from the run's seed: always the adapters' factors unless `weights.adapters`
/// says otherwise. Errors name the file or directory and every tensor that does
/// not match.
absl::StatusOr<std::shared_ptr<SegmentationModel>> BuildInitialModel(
    const TrainJob& job, const BuildOptions& options);

/// The same in evaluation mode, with the weights that the run trained: the path
/// of its weights.safetensors, empty for the initial weights.
absl::StatusOr<std::shared_ptr<SegmentationModel>> BuildTrainedModel(
    const TrainJob& job, const std::string& trained_weights,
    const BuildOptions& options);

/// Whether a run of `model` saves only what it trained: then its weights are
/// complete only together with its initial ones.
bool SavesTrainableOnly(const ModelSpec& model);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_LOAD_MODEL_H_
