/// \file
/// Parts of messages about wrong names and values.
#ifndef TRANSECT_DATA_IO_SUGGESTION_H_
#define TRANSECT_DATA_IO_SUGGESTION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace transect {

/// `text` in quotes, escaped, cut after 60 bytes: what someone wrote can be a
/// whole file.
std::string Quoted(absl::string_view text);

/// Returns `; did you mean "a" or "b"?` with the at most three candidates that
/// are equally near to `name` by edit distance (letters of either case are
/// equal), or `; it can be a, b, c` with up to twelve candidates where none is
/// near; "" where there are no candidates.
std::string DidYouMean(absl::string_view name,
                       const std::vector<std::string>& candidates);

}  // namespace transect

#endif  // TRANSECT_DATA_IO_SUGGESTION_H_
