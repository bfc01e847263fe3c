/// \file
/// When a training writes checkpoints (checkpoints.h), and how it goes on from
/// them.
#ifndef TRANSECT_LAUNCH_TRAINING_CHECKPOINT_KEEPER_H_
#define TRANSECT_LAUNCH_TRAINING_CHECKPOINT_KEEPER_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "experiments/training/training.pb.h"
#include "launch/rank/train_task.h"
#include "launch/training/checkpoints.h"
#include "launch/training/training_state.h"

namespace transect {

/// Of one rank; only rank 0 reads and writes files. Without a launch plan in
/// `task` there are no checkpoints.
class CheckpointKeeper {
 public:
  /// \param steps of the whole training. `task` outlives this object.
  CheckpointKeeper(const TrainTask& task, int64_t steps);

  /// Takes on the newest valid checkpoint of all attempts, if there is one. All
  /// ranks call it before the first step. Errors: a lost peer, those of the
  /// log, INPUT_OUTPUT.
  absl::Status Resume(TrainingState* state);

  /// Whether a checkpoint is to be written after `steps` steps; of rank 0,
  /// whose clock counts.
  bool IsDueAfter(int64_t steps) const;

  /// Writes one, after a step that is not the last and before its validation.
  /// All ranks call it. A checkpoint that cannot be written does not end the
  /// training: those before it are there, and the disk may come back. Errors:
  /// those of the log, a lost peer.
  absl::Status Write(TrainingState* state);

  /// A signal came: the state is written when this returns. All ranks call it.
  /// Always an error, CHECKPOINTED if all is well.
  absl::Status Stop(TrainingState* state);

 private:
  absl::Status LoadNewest(TrainingState* state);
  absl::Status Tell(const std::string& text);

  const TrainTask& task_;
  const CheckpointSpec& spec_;
  const int64_t steps_;
  const bool writes_;
  std::unique_ptr<CheckpointWriter> writer_;
  int64_t last_steps_ = 0;
  std::chrono::steady_clock::time_point last_time_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_CHECKPOINT_KEEPER_H_
