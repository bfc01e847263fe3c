/// \file
/// What `transect run` says about jobs that it does not start, and, as reports
/// do, about runs that are done with a reservation. Each line goes to stderr.
#ifndef TRANSECT_LAUNCH_CLI_RUN_NOTES_H_
#define TRANSECT_LAUNCH_CLI_RUN_NOTES_H_

#include <string>

#include "launch/plan/plan.h"

namespace transect {

/// Tells about runs that are neither done nor to do. \returns whether there are
/// any.
bool TellCorrupt(const Plan& plan);

/// Tells about jobs that are not started again, and that `run_command` with
/// --retry does. \returns whether there are any.
bool TellGivenUp(const Plan& plan, const std::string& run_command);

/// Tells about runs that cannot use a found input that they need. \returns
/// whether there are any.
bool TellMisfits(const Plan& plan);

/// Tells in one line which finished runs have lost their trained weights.
void TellWeightsGone(const Plan& plan);

/// Tells which finished runs cut sentences.
void TellTruncated(const Plan& plan);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_RUN_NOTES_H_
