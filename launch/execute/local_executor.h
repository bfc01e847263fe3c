/// \file
/// Runs the wanted jobs of a plan as processes on this machine.
///
/// Inputs come before the jobs that need them; otherwise jobs start in the
/// order of the plan as processors, memory and GPUs become free
/// (launch/plan/schedule.h). A job that takes GPUs has them for itself: the
/// launch plan names them, and its ranks see no others. The loop runs in the
/// caller's thread, which must live as long as the process: ranks die with it.
///
/// Any number of executors may work on one store. If another one holds the
/// lease of a job, this one waits and looks at the job again when the lease is
/// free: it is then done, failed, or abandoned, and an abandoned job is taken
/// up here.
#ifndef TRANSECT_LAUNCH_EXECUTE_LOCAL_EXECUTOR_H_
#define TRANSECT_LAUNCH_EXECUTE_LOCAL_EXECUTOR_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "launch/execute/attempt.h"
#include "launch/execute/execution.h"
#include "launch/execute/ranks.h"
#include "launch/inputs/resources.h"
#include "launch/plan/plan.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {

struct ExecutorOptions {
  /// Absolute path of the worker.
  std::string worker;
  /// Called before each attempt: whether the worker and its libraries still
  /// are what the code part says (CheckBundle, launch/store/bundle.h). May be
  /// empty.
  std::function<absl::Status()> check_worker;
  /// Most jobs at a time, whatever their processors; 0 for as many as there are
  /// processors for, but at least one. Memory and GPUs limit them in any case.
  int jobs = 0;
  /// What jobs may take together.
  Resources resources;
  /// OutOfMemoryKills (launch/inputs/limits.h) if empty.
  std::function<int64_t()> out_of_memory_kills;
  /// Before the second attempt after TRY_AGAIN; twice as long before the third.
  std::chrono::milliseconds again_after = std::chrono::seconds(2);
  /// Written with each attempt; the time is filled in.
  Provenance provenance;

  /// The rest is for a worker slot (launch/slurm/slot.h), which is a launcher
  /// in an allocation.

  /// StartLocalRanks (ranks.h) if empty.
  RankStarter start_ranks;
  /// DescribeAttempt (job_attempts.h) of the plan if empty.
  std::function<absl::StatusOr<AttemptSpec>(int job)> describe;
  /// By job, its last attempt that says nothing about it now; those that are
  /// there if empty.
  std::vector<int> attempts_before;
  /// From one look at what another launcher has to the next.
  std::chrono::milliseconds look_every{0};
  /// Leaves what is open once nothing runs here and other launchers have had
  /// all that could start for so long. Never if absent.
  std::optional<std::chrono::milliseconds> leave_after;
  /// Whether a second signal kills the ranks that are still writing their
  /// checkpoints.
  bool second_signal_kills = true;
};

/// Most attempts of a job that ends with TRY_AGAIN.
inline constexpr int kMostTries = 3;

/// Runs until every wanted job of `plan` ended or a signal came. On a signal
/// the ranks get SIGTERM, then SIGKILL after kInterruptGrace or at the second
/// signal; all are gone when this returns. SIGTSTP stops the ranks and then
/// this process, and SIGCONT continues both. Updates the states of jobs in
/// `plan`.
///
/// If memory runs out (Outcome.out_of_memory) while several jobs run, only half
/// as many run from then on, and the job is started once more. Whoever ran out
/// of memory recomputes activations from then on (MayRecompute,
/// launch/plan/equal_failures.h), and gets one more attempt for that where it
/// ran alone or ran out of the memory of its own GPUs; then it failed.
///
/// An attempt that ends with CHECKPOINTED is followed by another, which goes on
/// from there. One that ends with TRY_AGAIN is, at most kMostTries in all; so
/// is one that lost its peers after it was suspended, since time-outs go on
/// while processes are stopped.
Execution ExecuteLocally(const ExecutorOptions& options, const Store& store,
                         Plan* plan, ExecutionObserver* observer);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EXECUTE_LOCAL_EXECUTOR_H_
