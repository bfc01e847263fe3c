/// \file
/// A directory that appears complete or not at all.
#ifndef TRANSECT_DATA_IO_NEW_DIRECTORY_H_
#define TRANSECT_DATA_IO_NEW_DIRECTORY_H_

#include <functional>
#include <string>

#include "absl/status/status.h"

namespace transect {

/// Makes the directory `path` with what `fill` writes into the directory that
/// it is given: one beside `path` named "PATH.making.RANDOM", renamed to `path`
/// when all of it is on the disk. Missing parents are made. kAlreadyExists if
/// there is something at `path`. An error of `fill` is returned, and nothing is
/// left.
absl::Status MakeNewDirectory(
    const std::string& path,
    const std::function<absl::Status(const std::string& directory)>& fill);

/// Removes what killed calls of MakeNewDirectory left beside `path`. Only for
/// callers that hold a lock on `path`: the directory of another process that is
/// filling it would be removed too.
absl::Status RemoveUnfinished(const std::string& path);

}  // namespace transect

#endif  // TRANSECT_DATA_IO_NEW_DIRECTORY_H_
