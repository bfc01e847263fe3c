/// \file
/// What a training spec means and what is wrong with it; the counterpart of
/// model/spec.h and data/spec.h for experiments/training/training.proto.
#ifndef TRANSECT_EXPERIMENTS_TRAINING_TRAINING_SPEC_H_
#define TRANSECT_EXPERIMENTS_TRAINING_TRAINING_SPEC_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "data/io/problems.h"
#include "experiments/training/training.pb.h"

namespace transect {

/// The most steps and epochs that a spec may ask for.
inline constexpr int64_t kMostSteps = 10'000'000;
inline constexpr int64_t kMostEpochs = 100'000;

/// Bounds of EvaluationSpec::resolution where it is not 0.
inline constexpr int kLeastResolution = 16;
inline constexpr int kMostResolution = 4096;

/// Whether `ranks` processes can share `shards` logical shards equally, each a
/// subtree of the tree by which they are added
/// (launch/collective/tree_sum.h): a power of two each, or one rank all. Both
/// are at least 1.
bool CanShareShards(int shards, int ranks);

/// In a spec whose other defaults are written: writes `steps` and
/// `warmup_steps` where no unit is chosen, `logical_shards` where it is absent,
/// and erases what cannot matter, as
/// `inert_when` says beside each field of training.proto. Idempotent.
void ResolveTrainingSpec(TrainingSpec* spec);

/// Whether the training is interrupted by validations.
bool Validates(const TrainingSpec& spec);

/// Whether they decide about its weights: which are kept, or when it ends.
bool ValidationDecides(const TrainingSpec& spec);

/// "gIoU" or "cIoU".
absl::string_view ValidationMetricName(ValidationSpec::Metric metric);

/// Forward passes for each item of an evaluation: one for its own sentence and
/// one for each control with another. Items that lack a control count too.
int EvaluationPasses(const EvaluationSpec& spec);

/// Adds all that is wrong with a resolved spec: ranges, and devices,
/// precisions that are not built, settings that contradict each other. `path`
/// is the field path of `spec`.
void ValidateTrainingSpec(const TrainingSpec& spec, absl::string_view path,
                          Problems* problems);

/// Adds all that is wrong with a resolved spec.
void ValidateEvaluationSpec(const EvaluationSpec& spec, absl::string_view path,
                            Problems* problems);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_TRAINING_TRAINING_SPEC_H_
