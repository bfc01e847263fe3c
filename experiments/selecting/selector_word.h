/// \file
/// The grammar of one word of a selector (selector.h), independent of any
/// experiment.
#ifndef TRANSECT_EXPERIMENTS_SELECTING_SELECTOR_WORD_H_
#define TRANSECT_EXPERIMENTS_SELECTING_SELECTOR_WORD_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// Longest word, in bytes.
inline constexpr size_t kMaxSelectorBytes = 4096;

/// A word, taken apart.
struct SelectorWord {
  enum class Kind { kName, kId, kIndex };
  enum class Compare { kEqual, kLess, kLessEqual, kGreater, kGreaterEqual };

  /// One of the values after a comma or before it.
  struct Value {
    std::string text;
    /// Where it starts in the word, in bytes from 0.
    size_t position = 0;
  };

  Kind kind = Kind::kName;
  bool negated = false;
  /// Axis, seed, state, design or cell; empty for an id or an index.
  std::string name;
  /// Where the name starts.
  size_t name_position = 0;
  Compare compare = Compare::kEqual;
  /// At least one. Without '#' for indices.
  std::vector<Value> values;
};

/// Takes a word apart; knows no names. kInvalidArgument: `selector "ra nk":
/// ...`, one line with the position, from 1, and what could stand there.
absl::StatusOr<SelectorWord> ParseSelector(absl::string_view word);

/// The error `selector "ra nk": ...` for what stands at `position`, from 0.
absl::Status SelectorError(absl::string_view word, size_t position,
                           absl::string_view message);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_SELECTING_SELECTOR_WORD_H_
