/// \file
/// The states of an experiment's runs: files, ledgers and Slurm put together.
#ifndef TRANSECT_LAUNCH_SLURM_RUN_STATES_H_
#define TRANSECT_LAUNCH_SLURM_RUN_STATES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "launch/ledger/run_state.h"
#include "launch/plan/plan.h"
#include "launch/store/store.h"

namespace transect {

struct RunStates {
  /// By index into Plan::Runs().
  std::vector<RunStatus> runs;
  /// Why Slurm was asked and did not answer; empty otherwise. What it has is
  /// then not known.
  std::string queue_problem;
  /// Ledgers with a torn tail or damage, a sentence each.
  std::vector<std::string> ledger_problems;
};

/// The states of the runs of `plan`, whose own states are as they were when it
/// was made. With `ask`, and if the ledgers say that Slurm was given what is
/// not over, squeue is asked once for all of it, however many runs there are.
/// An error only if the ledgers cannot be listed. Writes nothing.
absl::StatusOr<RunStates> StatesOfRuns(const Store& store, const Plan& plan,
                                       bool ask);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_RUN_STATES_H_
