/// \file
/// What `transect run` does about a sweep besides running it: runs that the
/// experiment no longer has, and the command at its end.
#ifndef TRANSECT_LAUNCH_CLI_SWEEP_FLAGS_H_
#define TRANSECT_LAUNCH_CLI_SWEEP_FLAGS_H_

#include <string>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"

namespace transect {

struct SweepFlags {
  bool cancel_dropped = false;
  std::string on_end;
};

/// --cancel-dropped and --on-end.
void AddSweepFlags(CLI::App* verb, SweepFlags* flags);

/// Tells which runs of the experiment's name are under way that it no longer
/// has, and cancels them if the flag or the person at the terminal says so. Not
/// with --set, which makes a variation of the experiment for one command.
absl::Status ReconcileDropped(const CommandContext& context,
                              const SweepFlags& flags, bool ask_slurm,
                              const ExperimentSession& session);

/// Calls the command of --on-end if this is the first launcher that sees this
/// end. What goes wrong is told in a line.
void TellSweepEnd(const SweepFlags& flags, const ExperimentSession& session);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_SWEEP_FLAGS_H_
