/// \file
/// Runs the wanted jobs of a plan on a cluster: gives what is missing to Slurm
/// and follows it.
///
/// Nothing that Slurm says is kept. What it has is asked for by name each time,
/// before anything is submitted too; whether a run is done, failed or in the
/// making is what the store says. So it does not matter where a launcher died,
/// and any number of them may follow one sweep. A queue that does not answer is
/// not an empty one: then nothing is submitted.
#ifndef TRANSECT_LAUNCH_SLURM_SLURM_EXECUTOR_H_
#define TRANSECT_LAUNCH_SLURM_SLURM_EXECUTOR_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "launch/execute/execution.h"
#include "launch/plan/plan.h"
#include "launch/slurm/sweep.h"
#include "launch/store/store.h"

namespace transect {

struct SlurmOptions {
  SweepParts parts;
  /// Whether to follow the jobs until the wanted ones ended, or to return once
  /// they are submitted.
  bool wait = true;
};

/// What was done about the queue.
struct Submission {
  /// Numbers of the jobs that were submitted.
  std::vector<std::string> numbers;
  /// Wanted runs that jobs in Slurm had already.
  int already = 0;
  /// Name of the sweep; empty if nothing was submitted.
  std::string sweep;
};

/// Submits the wanted runs that no job in Slurm has and, with `wait`, runs
/// until every wanted job ended or SIGINT, SIGTERM or SIGHUP came, which leaves
/// the jobs to Slurm. What is lost, or was told to stop where Slurm does not
/// start it again, is submitted again, at most kMostTries times without a new
/// attempt. Jobs that somebody cancelled are not. `on_submitted` hears of the
/// first submission, also if it is empty, and of each further one. Where squeue
/// does not answer at first, nothing is submitted (launcher_error); where
/// sbatch fails in the middle, the next call finds what was submitted.
Execution ExecuteBySlurm(
    const SlurmOptions& options, const Store& store, Plan* plan,
    ExecutionObserver* observer,
    const std::function<void(const Submission&)>& on_submitted);

/// What `transect run --executor slurm --dry-run` prints: the commands and the
/// scripts, all wanted runs taken as missing. Writes nothing.
absl::StatusOr<std::string> DryRunText(const SlurmOptions& options,
                                       const Store& store, const Plan& plan);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_SLURM_EXECUTOR_H_
