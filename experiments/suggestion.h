/// \file
/// "Did you mean": the names nearest to one that does not exist.
#ifndef TRANSECT_EXPERIMENTS_SUGGESTION_H_
#define TRANSECT_EXPERIMENTS_SUGGESTION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace transect {

/// Returns `; did you mean "a" or "b"?` with the at most three candidates that
/// are equally near to `name` by edit distance (letters of either case are
/// equal), or `; it can be a, b, c` with up to twelve candidates where none is
/// near; "" where there are no candidates.
std::string DidYouMean(absl::string_view name,
                       const std::vector<std::string>& candidates);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_SUGGESTION_H_
