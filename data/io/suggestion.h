/// \file
/// Parts of messages about wrong names and values.
#ifndef TRANSECT_DATA_IO_SUGGESTION_H_
#define TRANSECT_DATA_IO_SUGGESTION_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace transect {

/// `text` in quotes, escaped, cut after `longest` bytes: what someone wrote can
/// be a whole file.
std::string Quoted(absl::string_view text, size_t longest = 60);

/// Bytes of a name of a tensor or file that messages show.
inline constexpr size_t kLongestShownName = 200;

/// Returns `; did you mean "a" or "b"?` with at most three candidates: those
/// that `name` spells out (learning_rate for lr), else those that are equally
/// near to it by edit distance (letters of either case are equal, and so are
/// dashes and underscores), else those that have all its words (dropout for
/// lora_dropout); or `; it can be a, b, c` with up to twelve candidates where
/// there are none of them; "" where there are no candidates.
std::string DidYouMean(absl::string_view name,
                       const std::vector<std::string>& candidates);

/// The candidates that DidYouMean offers as what was meant; empty where it
/// would list what there is.
std::vector<std::string> NearNames(absl::string_view name,
                                   const std::vector<std::string>& candidates);

/// How many letters must be put in, left out or replaced to get from one name
/// to the other; letters of either case are equal, dashes and underscores too.
size_t EditDistance(absl::string_view a, absl::string_view b);

}  // namespace transect

#endif  // TRANSECT_DATA_IO_SUGGESTION_H_
