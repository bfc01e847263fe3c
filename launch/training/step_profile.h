/// \file
/// The trace of a few steps that `training.profile_steps` asks for.
#ifndef TRANSECT_LAUNCH_TRAINING_STEP_PROFILE_H_
#define TRANSECT_LAUNCH_TRAINING_STEP_PROFILE_H_

#include <ATen/record_function.h>

#include <cstdint>
#include <optional>

#include "launch/rank/train_task.h"

namespace transect {

/// On rank 0, what LibTorch's profiler sees of the thread that trains in the
/// first `training.profile_steps` steps after the second of the attempt, or as
/// many as there are: the file kTraceFile (launch/store/store.h) in the
/// attempt's directory, in the Chrome trace format, which ui.perfetto.dev
/// opens. Operators, on a GPU its kernels too, and the parts of a step, which
/// code names with RECORD_USER_SCOPE, all within "step".
///
/// Nothing without a launch plan in `task`, and two comparisons a step where
/// none is asked for. A trace that cannot be written is told and logged and
/// ends nothing.
class StepProfile {
 public:
  /// `task` outlives this object.
  explicit StepProfile(const TrainTask& task);
  StepProfile(const StepProfile&) = delete;
  StepProfile& operator=(const StepProfile&) = delete;
  /// Writes what there is, if steps were to follow.
  ~StepProfile();

  /// A step of the training, as long as it lives.
  class Step {
   public:
    explicit Step(StepProfile* profile);
    Step(const Step&) = delete;
    Step& operator=(const Step&) = delete;
    ~Step();

   private:
    StepProfile& profile_;
    std::optional<at::RecordFunction> recorded_;
  };

 private:
  void Start();
  void Write();

  const TrainTask& task_;
  // 0 where none is asked for or all are over.
  int64_t wanted_;
  int64_t begun_ = 0;
  bool on_ = false;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_TRAINING_STEP_PROFILE_H_
