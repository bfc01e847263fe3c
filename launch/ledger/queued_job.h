/// \file
/// A job as Slurm's queue lists it, and what that means here.
///
/// Asking is in launch/slurm/queue.h.
#ifndef TRANSECT_LAUNCH_LEDGER_QUEUED_JOB_H_
#define TRANSECT_LAUNCH_LEDGER_QUEUED_JOB_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// What a state of Slurm means here.
enum class QueuePhase {
  /// Waits and will start by itself.
  kPending,
  /// Waits for a person.
  kHeld,
  kRunning,
  /// Gives no sign of life without a failure.
  kSuspended,
  /// Its processes are ending; what they write decides.
  kEnding,
  /// Ended, or never to start. Files say whether the work is done.
  kEnded,
  /// Ended because a person wanted it.
  kCancelled,
  /// A word that Slurm did not have when this was written: neither live nor
  /// ended.
  kUnknown,
};

/// The phase of a job whose %T is `state` and %r `reason`.
QueuePhase PhaseOf(absl::string_view state, absl::string_view reason);

/// Whether there is, or may be, something of the job that can still work.
bool MayWork(QueuePhase phase);

/// A line of squeue.
struct QueuedJob {
  /// "17", of an array "17_3", of waiting parts of one "17_[4-9]".
  std::string number;
  std::string name;
  std::string comment;
  std::string state;
  std::string reason;
  /// Estimated or actual start, as Slurm writes it; "" if unknown.
  std::string start;
  /// "n[1-2]"; "" while it waits.
  std::string nodes;
  QueuePhase phase = QueuePhase::kUnknown;
  /// Jobs that the line stands for: 6 of "17_[4-9]".
  int count = 1;
};

/// The lines of `squeue -h -o kQueueFormat`. kInvalidArgument with the line for
/// what is none.
inline constexpr char kQueueFormat[] = "%i|%T|%S|%N|%j|%k|%r";
absl::StatusOr<std::vector<QueuedJob>> ParseQueue(absl::string_view text);

/// Jobs in a number such as "20_[2-7,12,22%5]": 8. 1 for one without brackets.
int CountOf(absl::string_view number);

/// "waits in Slurm (Resources), starts 2026-01-31T12:00:00", "runs on n[1-2]".
std::string DescribeQueued(const QueuedJob& job);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_LEDGER_QUEUED_JOB_H_
