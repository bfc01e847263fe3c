/// \file
/// `transect run --executor slurm`: from a session to launch/slurm.
#ifndef TRANSECT_LAUNCH_CLI_SLURM_RUN_H_
#define TRANSECT_LAUNCH_CLI_SLURM_RUN_H_

#include "absl/status/statusor.h"
#include "launch/cli/session.h"
#include "launch/execute/execution.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Copies this program into the store, whose bundle is there, submits the
/// session's wanted runs and, with `wait`, follows them. Tells what was
/// submitted.
absl::StatusOr<Execution> ExecuteOnSlurm(const Provenance& provenance,
                                         bool wait, ExecutionObserver* observer,
                                         ExperimentSession* session);

/// Prints the batch scripts and commands of the session's wanted runs; writes
/// nothing. The session has a worker. Returns the exit code.
absl::StatusOr<int> PrintScriptsOf(const Provenance& provenance,
                                   const ExperimentSession& session);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_SLURM_RUN_H_
