#include "launch/training/checkpoint_keeper.h"

#include <ATen/record_function.h>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "launch/rank/exit_codes.h"
#include "launch/rank/train_task.h"
#include "launch/store/result.pb.h"
#include "launch/training/checkpoints.h"
#include "launch/training/training_state.h"
#include "metrics/metric_log.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

using Clock = std::chrono::steady_clock;

CheckpointKeeper::CheckpointKeeper(const TrainTask& task, int64_t steps)
    : task_(task),
      spec_(task.run->training().checkpoint()),
      steps_(steps),
      writes_(task.plan != nullptr && task.collective->rank() == 0) {}

absl::Status CheckpointKeeper::Resume(TrainingState* state) {
  if (task_.plan == nullptr) return absl::OkStatus();
  if (writes_) {
    TRANSECT_RETURN_IF_ERROR(LoadNewest(state));
    TRANSECT_ASSIGN_OR_RETURN(
        writer_, CheckpointWriter::Start(*task_.plan, spec_.keep()));
  }
  last_steps_ = state->steps();
  last_time_ = Clock::now();
  return state->ShareRank0(*task_.collective);
}

bool CheckpointKeeper::IsDueAfter(int64_t steps) const {
  if (!writes_ || steps == steps_) return false;
  const double seconds =
      std::chrono::duration<double>(Clock::now() - last_time_).count();
  return (spec_.every_steps() > 0 &&
          steps - last_steps_ >= spec_.every_steps()) ||
         (spec_.every_minutes() > 0 && seconds >= 60 * spec_.every_minutes());
}

absl::Status CheckpointKeeper::Stop(TrainingState* state) {
  TRANSECT_RETURN_IF_ERROR(Write(state));
  if (writes_) {
    TRANSECT_RETURN_IF_ERROR(writer_->Finish());
  }
  return MarkExitCode(
      absl::CancelledError(absl::StrCat(
          "a signal asked for it after step ", state->steps(), " of ", steps_,
          "; the next attempt goes on from there")),
      ExitCode::CHECKPOINTED);
}

absl::Status CheckpointKeeper::LoadNewest(TrainingState* state) {
  std::vector<std::string> skipped;
  const std::optional<FoundCheckpoint> found = LoadNewestCheckpoint(
      *task_.plan, steps_,
      [&](const SavedState& saved,
          const std::string& attempt_dir) -> absl::Status {
        std::shared_ptr<const SavedState> best;
        if (const int64_t step = state->BestStepOf(saved); step > 0) {
          TRANSECT_ASSIGN_OR_RETURN(
              SavedState read,
              ReadCheckpoint(BestWeightsPath(attempt_dir, step),
                             task_.plan->id()));
          best = std::make_shared<const SavedState>(std::move(read));
        }
        return state->Load(saved, std::move(best));
      },
      &skipped);
  for (const std::string& problem : skipped) {
    TRANSECT_RETURN_IF_ERROR(
        Tell(absl::StrCat("a checkpoint is passed over: ", problem)));
  }
  if (!found.has_value()) return absl::OkStatus();
  MetricRecord record;
  record.mutable_resumed()->set_step(found->steps);
  record.mutable_resumed()->set_attempt(found->attempt);
  TRANSECT_RETURN_IF_ERROR(task_.log->Append(record));
  return Tell(absl::StrCat("goes on after step ", found->steps, " of ", steps_,
                           " from a checkpoint of attempt ", found->attempt));
}

absl::Status CheckpointKeeper::Write(TrainingState* state) {
  RECORD_USER_SCOPE("checkpoint");
  TRANSECT_RETURN_IF_ERROR(state->Gather(*task_.collective));
  if (!writes_) return absl::OkStatus();
  // Who goes on from it relies on the records up to here.
  TRANSECT_RETURN_IF_ERROR(task_.log->Sync());
  last_steps_ = state->steps();
  last_time_ = Clock::now();
  const absl::Status before =
      writer_->Write(state->steps(), state->Save(), state->best_weights());
  if (before.ok()) return absl::OkStatus();
  return Tell(absl::StrCat("a checkpoint was not written: ", before.message()));
}

absl::Status CheckpointKeeper::Tell(const std::string& text) {
  std::cerr << text << std::endl;
  MetricRecord record;
  record.mutable_event()->set_text(text);
  return task_.log->Append(record);
}

}  // namespace transect
