/// \file
/// The state of a run, from all that is known about it. Nothing here is ever
/// written down: a state is computed each time it is asked for.
#ifndef TRANSECT_LAUNCH_LEDGER_RUN_STATE_H_
#define TRANSECT_LAUNCH_LEDGER_RUN_STATE_H_

#include <cstdint>
#include <string>

#include "launch/ledger/ledger.h"
#include "launch/ledger/queued_job.h"
#include "launch/plan/jobs.h"

namespace transect {

enum class RunState {
  /// Nothing is under way: to do, as Job::state and Job::note say it.
  kNew,
  /// Given to Slurm, of which no more is known.
  kSubmitted,
  /// Slurm has a job for it that has not begun it.
  kQueued,
  kRunning,
  /// An attempt ended with a checkpoint, and the next one is to come.
  kRequeued,
  /// It was under way, and nobody has it any more.
  kLost,
  kDone,
  /// The last attempt failed, or the result is damaged.
  kFailed,
  /// Slurm has a job for it in a state that has no name here.
  kUnknown,
};

/// "NEW", "QUEUED", ...
const char* RunStateName(RunState state);

/// What Slurm said.
enum class QueueAnswer {
  kNotAsked,
  /// It did not answer, so nothing is known; it is not empty.
  kNone,
  kAnswered,
};

/// What is known about a run.
struct RunEvidence {
  /// From its files (Job, launch/plan/jobs.h).
  JobState files = JobState::kNew;
  std::string note;
  /// Null where there is no ledger.
  const Ledger* ledger = nullptr;
  const RunHistory* history = nullptr;
  QueueAnswer queue = QueueAnswer::kNotAsked;
  /// The job that has it, or had it last; null without one.
  const QueuedJob* job = nullptr;
};

/// A run at a moment. What is not known is empty or 0.
struct RunStatus {
  RunState state = RunState::kNew;
  /// Number of its job in Slurm.
  std::string job;
  /// Machine or machines of its last attempt: "node7", "n[1-2]".
  std::string node;
  /// Number of its last attempt, and how many began under this experiment's
  /// name: more than one is restarts.
  int attempt = 0;
  int attempts = 0;
  /// Since when it is so, microseconds since 1970: the last thing that the
  /// ledgers have of it.
  int64_t since_unix_us = 0;
  /// Why it waits, as Slurm says it: "Resources"; why it failed or is lost.
  std::string reason;
  /// When Slurm expects to start it, as Slurm writes it.
  std::string estimated_start;
};

/// The files come first, then the ledgers, then the queue: a result is done
/// whatever Slurm says, and who holds the lease works on it. Pure.
RunStatus StatusOf(const RunEvidence& evidence);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_LEDGER_RUN_STATE_H_
