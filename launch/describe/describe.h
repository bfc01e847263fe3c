/// \file
/// What lies at a path, of all that our verbs write: what `transect describe`
/// prints of folders, and of files that are neither experiments nor logs.
///
/// A description is a line that says what it is, then a line for each fact:
/// where it comes from, what it holds, how it is used. It is for people.
#ifndef TRANSECT_LAUNCH_DESCRIBE_DESCRIBE_H_
#define TRANSECT_LAUNCH_DESCRIBE_DESCRIBE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace transect {

/// Adapters and models with the run that they come from, exports, data sets,
/// stores and all folders in them, pictures of `predict`. `program` is
/// `transect` as people type it. InvalidArgument for another folder, with what
/// it could be; errors of the readers of weights and annotations.
absl::StatusOr<std::string> DescribeFolder(const std::string& path,
                                           const std::string& program);

/// A weight file, with the run that it comes from where that is known.
absl::StatusOr<std::string> DescribeWeightFile(const std::string& path);

/// The folder that a file of a store or an export speaks of, such as the run of
/// a result.textproto; nothing for another file.
std::optional<std::string> FolderOfRecord(const std::string& path);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_DESCRIBE_DESCRIBE_H_
