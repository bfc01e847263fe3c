/// \file
/// What is done once when all runs of an experiment have ended: a command of
/// the user, `transect run --on-end COMMAND`.
#ifndef TRANSECT_LAUNCH_LEDGER_SWEEP_END_H_
#define TRANSECT_LAUNCH_LEDGER_SWEEP_END_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "launch/plan/plan.h"
#include "launch/store/store.h"

namespace transect {

/// How the selected runs of a plan ended.
struct SweepEnd {
  int runs = 0;
  int done = 0;
  int failed = 0;
  /// Neither: stopped, blocked or held by somebody.
  int open = 0;
  /// Digest of which run ended how in which attempt: the same for every
  /// launcher that sees this end, another one after a further attempt.
  std::string key;
};

/// From the states of the plan's jobs as they are now.
SweepEnd EndOf(const Plan& plan);

/// Whether the caller is the first who sees this end: of all that ask, on any
/// machine, exactly one is, but for file systems on which RenameNew cannot say
/// (data/io/file.h).
absl::StatusOr<bool> ClaimEnd(const Store& store, const Plan& plan,
                              const SweepEnd& end);

/// Runs `command` by /bin/sh in this directory, with stdout on stderr, and
/// waits for it. It has this process's environment and TRANSECT_SWEEP, the
/// experiment's name, TRANSECT_STORE, TRANSECT_RUNS, TRANSECT_DONE,
/// TRANSECT_FAILED and TRANSECT_OPEN. An error in one line if it cannot be
/// started or ends with another code than 0.
absl::Status RunOnEnd(const std::string& command, const Store& store,
                      const Plan& plan, const SweepEnd& end);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_LEDGER_SWEEP_END_H_
