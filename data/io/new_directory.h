/// \file
/// A directory that appears complete or not at all.
#ifndef TRANSECT_DATA_IO_NEW_DIRECTORY_H_
#define TRANSECT_DATA_IO_NEW_DIRECTORY_H_

#include <functional>
#include <string>

#include "absl/status/status.h"

namespace transect {

/// Makes the directory `path` with what `fill` writes into the directory that
/// it is given: one beside `path`, renamed when all of it is on the disk.
/// AlreadyExists where there is something at `path`. On an error of `fill`,
/// which is returned, nothing is left.
absl::Status MakeNewDirectory(
    const std::string& path,
    const std::function<absl::Status(const std::string& directory)>& fill);

}  // namespace transect

#endif  // TRANSECT_DATA_IO_NEW_DIRECTORY_H_
