/// \file
/// Selectors: how every verb names runs of an experiment.
///
/// A selection is a list of words. A run is selected if every word matches it;
/// without words, every run is. A word is one of
///
///     rank=8          axis `rank` has the value 8, in whatever spelling
///     rank=8,16       ... or 16: a comma means or
///     rank!=8         everything but that; `!rank=8` means the same
///     seed<3          also <=, >, >=, for the seed and for axes of numbers
///     state=FAILED    what the store has of the run, in letters of either case
///     design=table1   a design that has the run
///     cell="rank=8"   the label of a row; quotes keep a comma or quote in it
///     1f3a            the start of one id
///     #3              the number of a run in the list that `plan` prints
///
/// Several ids and numbers, in one word or in several, mean any of them.
///
/// A run that several cells share is matched cell by cell: all words must match
/// one of them. A negated word matches if none of the run's cells matches what
/// it negates. An axis without a value in a cell matches only negations.
#ifndef TRANSECT_EXPERIMENTS_SELECTING_SELECTOR_H_
#define TRANSECT_EXPERIMENTS_SELECTING_SELECTOR_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "experiments/expanding/expand.h"

namespace transect {

/// For each run of `expansion`, whether it is selected. `states` has the word
/// for the state of each run, `state_names` all such words.
///
/// kInvalidArgument, one line as above with the nearest names, for words that
/// name no axis, value, state, design, cell, id or index of the experiment, for
/// the start of several ids, for an order between values that are no numbers,
/// and if no run matches: a selection of nothing is a mistake, and the message
/// says what there is.
absl::StatusOr<std::vector<bool>> Select(
    absl::Span<const std::string> words, const Expansion& expansion,
    absl::Span<const std::string> states,
    absl::Span<const std::string> state_names);

/// Whether a word names single runs, by id or number, or asks for those in
/// `state`: whoever does that means them. Words that cannot be parsed name
/// nothing.
bool NamesRuns(absl::Span<const std::string> words, absl::string_view state);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_SELECTING_SELECTOR_H_
