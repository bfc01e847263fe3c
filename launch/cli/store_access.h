/// \file
/// Whether this user may write to a store, told in one line before anything is
/// made.
#ifndef TRANSECT_LAUNCH_CLI_STORE_ACCESS_H_
#define TRANSECT_LAUNCH_CLI_STORE_ACCESS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"

namespace transect {

/// Whether directories can be made and changed at `paths`, all below the store
/// at `root`: asks about the nearest part of each that exists, and writes
/// nothing. kPermissionDenied says whose store it is and what can be done;
/// kFailedPrecondition that its file system is mounted read-only.
absl::Status CheckMayWrite(const std::string& root,
                           absl::Span<const std::string> paths);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_STORE_ACCESS_H_
