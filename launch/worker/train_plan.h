/// \file
/// Checks of a launch plan before a rank computes anything. No LibTorch.
///
/// The launcher has validated the spec. A worker checks again what it does not
/// implement, and numbers that must agree with each other or with files that
/// the launcher does not open.
#ifndef TRANSECT_LAUNCH_WORKER_TRAIN_PLAN_H_
#define TRANSECT_LAUNCH_WORKER_TRAIN_PLAN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "experiments/experiment.pb.h"
#include "experiments/training/training.pb.h"
#include "launch/store/job.pb.h"
#include "model/model.pb.h"

namespace transect {

/// Rank, directories and, for jobs that make inputs, a single rank.
/// INVALID_ARGUMENT names the field.
absl::Status CheckLaunchPlan(const LaunchPlan& plan, int rank);

/// UNIMPLEMENTED for a device or model that is not built; INVALID_ARGUMENT
/// where ranks, batch or weights do not agree.
absl::Status CheckTrainPlan(const LaunchPlan& plan);

/// INVALID_ARGUMENT if the tokenizer has more pieces than the text tower rows.
/// A model without a text tower takes any.
absl::Status CheckVocabulary(const ModelSpec& model, int pieces);

/// INVALID_ARGUMENT unless there is a place for each source of weights that the
/// spec names and for no other.
absl::Status CheckInitialWeights(const TrainJob& job);

/// Prefixes of the tensor names of `weights.parts`; none for all parts.
std::vector<std::string> WeightPrefixes(const WeightsSpec& weights);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_TRAIN_PLAN_H_
