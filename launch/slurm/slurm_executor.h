/// \file
/// Runs the wanted jobs of a plan on a cluster: gives what is missing to Slurm
/// and follows it.
///
/// What Slurm has is asked for by name each time, before anything is submitted
/// too; whether a run is done, failed or in the making is what the store says.
/// The ledger of the launcher (launch/ledger/ledger.h) has what it is about to
/// submit before it does, and the number afterwards; one that died in between
/// is found by name. So it does not matter where a launcher died, and any
/// number of them may follow one sweep: one at a time asks and submits. A queue
/// that does not answer is not an empty one: then nothing is submitted.
#ifndef TRANSECT_LAUNCH_SLURM_SLURM_EXECUTOR_H_
#define TRANSECT_LAUNCH_SLURM_SLURM_EXECUTOR_H_

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "launch/execute/execution.h"
#include "launch/plan/plan.h"
#include "launch/slurm/command.h"
#include "launch/slurm/submit.h"
#include "launch/slurm/sweep.h"
#include "launch/store/store.h"

namespace transect {

struct SlurmOptions {
  SweepParts parts;
  /// Whether to follow the jobs until the wanted ones ended, or to return once
  /// they are submitted.
  bool wait = true;
  /// Longest wait for an answer of squeue or sbatch.
  std::chrono::milliseconds command_timeout = kCommandTimeout;
};

/// Runs whose files are looked at in a second besides those that the ledgers
/// tell about: what a file server bears, however many runs there are.
inline constexpr int kLooks = 200;

/// Most submissions in a row of a run that comes no further.
inline constexpr int kMostFruitless = 10;

/// Submits the wanted runs that no job in Slurm has and, with `wait`, runs
/// until every wanted job ended or SIGINT, SIGTERM or SIGHUP came, which leaves
/// the jobs to Slurm. What is lost, or was told to stop where Slurm does not
/// start it again, is submitted again, at most kMostTries times without a new
/// attempt and kMostFruitless times without a new checkpoint. Jobs that
/// somebody cancelled are not. `on_submitted` hears of the first submission,
/// also if it is empty, and of each further one. Where squeue does not answer
/// at first, nothing is submitted (launcher_error); where sbatch fails in the
/// middle, the next call finds what was submitted.
Execution ExecuteBySlurm(
    const SlurmOptions& options, const Store& store, Plan* plan,
    ExecutionObserver* observer,
    const std::function<void(const Submission&)>& on_submitted);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_SLURM_EXECUTOR_H_
