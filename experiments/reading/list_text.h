/// \file
/// Lists of values as people type them on a command line.
#ifndef TRANSECT_EXPERIMENTS_READING_LIST_TEXT_H_
#define TRANSECT_EXPERIMENTS_READING_LIST_TEXT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// The values in `text`: `8,16`, or as an experiment file has it, `[8, 16]` or
/// `["val", "test"]`. Spaces around a value do not count; quotes, single or
/// double, keep commas and spaces, and within them a backslash escapes as in C.
/// kInvalidArgument, which quotes the text, where there is no value at all, an
/// empty one between commas, a quote or a bracket that does not close or
/// something behind it.
absl::StatusOr<std::vector<std::string>> SplitList(absl::string_view text);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_READING_LIST_TEXT_H_
