/// \file
/// What two experiments of several runs say differently, for `transect why`.
#ifndef TRANSECT_LAUNCH_CLI_TWO_FILES_H_
#define TRANSECT_LAUNCH_CLI_TWO_FILES_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "launch/cli/session.h"

namespace transect {

struct FilesCompared {
  /// For people.
  std::string text;
  /// Whether both ask for the same runs.
  bool same = false;
};

/// Pairs the runs of the files `a` and `b` by name, cell and seed, and says in
/// which fields the pairs differ and which runs only one file has. Nothing
/// where one of them is no file of experiments, or has one run only: then two
/// runs are meant. Errors of reading and expanding.
absl::StatusOr<std::optional<FilesCompared>> CompareFiles(
    const Session& session, const std::string& a, const std::string& b);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_TWO_FILES_H_
