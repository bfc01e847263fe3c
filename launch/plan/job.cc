#include "launch/plan/job.h"

namespace transect {

absl::string_view StateName(JobState state) {
  switch (state) {
    case JobState::kNew:
      return "new";
    case JobState::kDone:
      return "done";
    case JobState::kStale:
      return "stale";
    case JobState::kFailed:
      return "failed";
    case JobState::kRunning:
      return "running";
    case JobState::kCorrupt:
      return "corrupt";
    case JobState::kPending:
      return "pending";
  }
  return "";
}

}  // namespace transect
