/// \file
/// What `transect run` looks at before it starts the first rank: whether
/// records of found data sets would stop the runs.
#ifndef TRANSECT_LAUNCH_CLI_USED_DATA_H_
#define TRANSECT_LAUNCH_CLI_USED_DATA_H_

#include "absl/status/statusor.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"

namespace transect {

/// Decodes every image of the found data sets that the wanted jobs read, which
/// must be hashed, and prints the defects at which they would stop. Returns 0
/// where there are none, else the exit code for `transect`.
///
/// Costs a decoding of the data set once: the store remembers the contents that
/// held nothing, and the user's index cache what was found.
absl::StatusOr<int> CheckUsedData(const CommandContext& context,
                                  const ExperimentSession& session);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_USED_DATA_H_
