/// \file
/// Checkpoints of a training: the state after some step, on disk.
///
/// A checkpoint is one safetensors file of a `SavedState` (training_state.h),
/// attempts/NNNN/checkpoints/step-SSSSSSSSSS.safetensors of its job: trained
/// tensors and what belongs to them, not the frozen network. It holds a digest
/// of itself and of the run, and it is there completely or not at all. An
/// attempt writes its own and reads those of all.
///
/// Where the weights of the best validation are kept, they lie beside it,
/// sealed the same way: best-SSSSSSSSSS.safetensors, for each of an attempt's
/// checkpoints the one that it names, written before it and removed after it.
#ifndef TRANSECT_LAUNCH_TRAINING_CHECKPOINTS_H_
#define TRANSECT_LAUNCH_TRAINING_CHECKPOINTS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/store/job.pb.h"
#include "launch/training/training_state.h"

namespace transect {

/// The checkpoint of an attempt after `steps` steps.
std::string CheckpointPath(absl::string_view attempt_dir, int64_t steps);

/// The weights of the validation after `steps` steps as the best, beside the
/// checkpoints of an attempt.
std::string BestWeightsPath(absl::string_view attempt_dir, int64_t steps);

/// The numbers of steps that an attempt has checkpoints of, ascending.
std::vector<int64_t> CheckpointSteps(absl::string_view attempt_dir);

/// Writes `state`, or only weights, of the run `run_id` to `path`. Errors:
/// INPUT_OUTPUT.
absl::Status WriteCheckpoint(const std::string& path, const std::string& run_id,
                             SavedState state);

/// Reads it back. DATA_LOSS if it is broken, another run's or not what was
/// written; NOT_FOUND.
absl::StatusOr<SavedState> ReadCheckpoint(const std::string& path,
                                          const std::string& run_id);

struct FoundCheckpoint {
  int attempt = 0;
  int64_t steps = 0;
};

/// Loads the one with the most steps, at most `most_steps`, of all attempts of
/// the job that can be read and that `load` takes, which is given the directory
/// of its attempt too; nothing if there is none. Of two attempts that came as
/// far the later one's. Adds to `skipped` one line for each that it passed
/// over, which names it and says why.
std::optional<FoundCheckpoint> LoadNewestCheckpoint(
    const LaunchPlan& plan, int64_t most_steps,
    const std::function<absl::Status(const SavedState&,
                                     const std::string& attempt_dir)>& load,
    std::vector<std::string>* skipped);

/// Removes all checkpoints of the job, once its weights are there.
void RemoveCheckpoints(const LaunchPlan& plan);

/// Writes checkpoints in a thread of its own, one at a time.
class CheckpointWriter {
 public:
  /// \param keep the newest so many of this attempt stay, at least 1. Those of
  ///   earlier attempts go when this one has written its first.
  static absl::StatusOr<std::unique_ptr<CheckpointWriter>> Start(
      const LaunchPlan& plan, int keep);

  /// Waits for the checkpoint in work.
  virtual ~CheckpointWriter() = default;

  /// Begins to write `state`, that after `steps` steps, and first the best
  /// weights that it names, if there are any that are not yet there; returns.
  /// Waits for the one before it and returns its error, if it has failed: the
  /// training may go on, and what was written before is still there.
  virtual absl::Status Write(int64_t steps, SavedState state,
                             BestWeights best = {}) = 0;

  /// Waits for the checkpoint in work; its error.
  virtual absl::Status Finish() = 0;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_CHECKPOINTS_H_
