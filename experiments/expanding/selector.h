/// \file
/// Selectors: how every verb names runs of an experiment.
///
/// A selection is a list of words. A run is selected if every word fits it;
/// without words all runs are. A word is one of
///
///     rank=8          axis `rank` has the value 8, in whatever spelling
///     rank=8,16       ... or 16: a comma means or
///     rank!=8         everything but that; `!rank=8` says the same
///     seed<3          also <=, >, >=, for the seed and for axes of numbers
///     state=FAILED    what the store has of the run, in letters of either case
///     design=table1   a design that has the run
///     cell="rank=8"   the label of a row; quotes keep a comma or quote in it
///     1f3a            the start of one id
///     #3              the number of a run in the list that `plan` prints
///
/// A run that several cells share is taken cell by cell: all words must fit one
/// of them. A negated word fits if none of the run's cells fits what it
/// negates. An axis that has no value in a cell fits nothing but a negation.
#ifndef TRANSECT_EXPERIMENTS_EXPANDING_SELECTOR_H_
#define TRANSECT_EXPERIMENTS_EXPANDING_SELECTOR_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "experiments/expanding/expand.h"

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

/// The word in its plain spelling: reads back as the same.
std::string PrintSelector(const SelectorWord& word);

/// For each run of `expansion`, whether it is selected. `states` has the word
/// for the state of each run, `state_names` all such words.
///
/// kInvalidArgument, one line as above with the nearest names, for words that
/// name no axis, value, state, design, cell, id or index of the experiment, for
/// the start of several ids, and for an order between values that are no
/// numbers. That no run fits is no error.
absl::StatusOr<std::vector<bool>> Select(
    absl::Span<const std::string> words, const Expansion& expansion,
    absl::Span<const std::string> states,
    absl::Span<const std::string> state_names);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_EXPANDING_SELECTOR_H_
