/// \file
/// What `transect run` and `transect evaluate` look at before they start the
/// first rank: whether records of found data sets would stop them.
#ifndef TRANSECT_LAUNCH_CLI_USED_DATA_H_
#define TRANSECT_LAUNCH_CLI_USED_DATA_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/plan/data_use.h"
#include "launch/store/store.h"

namespace transect {

/// Decodes every image of the found data sets that the wanted jobs read, which
/// must be hashed, and prints the defects at which they would stop. Returns 0
/// where there are none, else the exit code for `transect`.
///
/// Costs a decoding of the data set once: the store remembers the contents that
/// held nothing, and the user's index cache what was found.
absl::StatusOr<int> CheckUsedData(const CommandContext& context,
                                  const ExperimentSession& session);

/// The same of data sets that are hashed, `all`. `outcome` begins the error:
/// "nothing was started: the runs would stop".
absl::StatusOr<int> CheckUsedData(const CommandContext& context,
                                  const Store& store, std::vector<UsedData> all,
                                  const std::string& outcome);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_USED_DATA_H_
