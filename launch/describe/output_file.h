/// \file
/// Single files that verbs write for people and other tools: pictures, pages,
/// tables, JSON, tokenizers, logs.
#ifndef TRANSECT_LAUNCH_DESCRIBE_OUTPUT_FILE_H_
#define TRANSECT_LAUNCH_DESCRIBE_OUTPUT_FILE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace transect {

/// What a file is by its name and first bytes, its size, what it holds as far
/// as that can be counted, and what reads it. Nothing for a file that is none
/// of these. An error for one that says by its name what its bytes are not.
absl::StatusOr<std::optional<std::string>> DescribeOutputFile(
    const std::string& path, const std::string& program);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_DESCRIBE_OUTPUT_FILE_H_
