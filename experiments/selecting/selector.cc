#include "experiments/selecting/selector.h"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "data/io/suggestion.h"
#include "experiments/selecting/selector_word.h"
#include "google/protobuf/descriptor.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using ::google::protobuf::FieldDescriptor;
using Compare = SelectorWord::Compare;

template <typename Number>
bool Holds(Compare compare, Number a, Number b) {
  switch (compare) {
    case Compare::kEqual:
      return a == b;
    case Compare::kLess:
      return a < b;
    case Compare::kLessEqual:
      return a <= b;
    case Compare::kGreater:
      return a > b;
    case Compare::kGreaterEqual:
      return a >= b;
  }
  return false;
}

bool IsNumber(const FieldDescriptor& field) {
  return field.cpp_type() != FieldDescriptor::CPPTYPE_BOOL &&
         field.cpp_type() != FieldDescriptor::CPPTYPE_ENUM &&
         field.cpp_type() != FieldDescriptor::CPPTYPE_STRING;
}

// Selects words one by one; what a word matches is a set of (cell, run) pairs.
class Selection {
 public:
  Selection(const Expansion& expansion, absl::Span<const std::string> states,
            absl::Span<const std::string> state_names)
      : expansion_(expansion), states_(states), state_names_(state_names) {
    for (const DesignCells& design : expansion.designs) {
      for (const Cell& cell : design.cells) {
        for (const int run : cell.runs) {
          places_.push_back({&design, &cell, run});
        }
      }
    }
    fits_.assign(places_.size(), true);
    named_.assign(places_.size(), false);
    excluded_.assign(expansion.runs.size(), false);
  }

  absl::Status Add(absl::string_view text) {
    TRANSECT_ASSIGN_OR_RETURN(const SelectorWord word, ParseSelector(text));
    const CheckedAxis* axis = FindAxis(word);
    TRANSECT_RETURN_IF_ERROR(CheckWord(text, word, axis));
    std::vector<bool> matched(places_.size());
    for (const SelectorWord::Value& value : word.values) {
      const absl::StatusOr<Test> test = TestOf(word, axis, value.text);
      if (!test.ok()) {
        return SelectorError(text, value.position, test.status().message());
      }
      for (size_t i = 0; i < places_.size(); ++i) {
        matched[i] = matched[i] || (*test)(places_[i]);
      }
    }
    if (!word.negated && std::ranges::find(matched, true) == matched.end()) {
      return SelectorError(text, word.name_position,
                           absl::StrCat("no run has that", WhatThereIs(word)));
    }
    const bool names = !word.negated && word.kind != SelectorWord::Kind::kName;
    any_named_ = any_named_ || names;
    for (size_t i = 0; i < places_.size(); ++i) {
      if (word.negated && matched[i]) {
        excluded_[places_[i].run] = true;
      } else if (names) {
        named_[i] = named_[i] || matched[i];
      } else if (!word.negated && !matched[i]) {
        fits_[i] = false;
      }
    }
    if (word.negated && word.name == "seed") LeaveOutSeeds(word);
    CountMatched(text, word.negated, matched);
    return absl::OkStatus();
  }

  std::vector<bool> Selected() const {
    std::vector<bool> selected(expansion_.runs.size());
    const bool no_seed_is_left = std::ranges::all_of(
        expansion_.seeds,
        [this](uint64_t seed) { return left_out_.count(seed) > 0; });
    for (size_t i = 0; i < places_.size(); ++i) {
      const int run = places_[i].run;
      const bool excluded =
          excluded_[run] || (no_seed_is_left && !expansion_.seeds.empty() &&
                             !expansion_.runs[run].has_seed());
      if (fits_[i] && (named_[i] || !any_named_) && !excluded) {
        selected[run] = true;
      }
    }
    return selected;
  }

  // Why nothing is selected, by what each word alone matches.
  absl::Status Nothing() const {
    return absl::InvalidArgumentError(absl::StrCat(
        "no run of ", expansion_.name, " matches ",
        counts_.size() == 1 ? "" : "all of ", absl::StrJoin(counts_, ", "),
        "; a comma means either, as in seed=1,2"));
  }

 private:
  struct Place {
    const DesignCells* design;
    const Cell* cell;
    int run;
  };

  // Whether a value of a word matches.
  using Test = std::function<bool(const Place&)>;

  void CountMatched(absl::string_view text, bool negated,
                    const std::vector<bool>& matched) {
    std::set<int> runs;
    for (size_t i = 0; i < places_.size(); ++i) {
      if (matched[i]) runs.insert(places_[i].run);
    }
    const size_t count =
        negated ? expansion_.runs.size() - runs.size() : runs.size();
    counts_.push_back(
        absl::StrCat(text, " (", count, count == 1 ? " run)" : " runs)"));
  }

  // "; seeds are 1, 2": what a word that matches nothing could have said.
  std::string WhatThereIs(const SelectorWord& word) const {
    std::set<std::string> known;
    if (word.name == "seed") {
      return absl::StrCat("; seeds are ",
                          absl::StrJoin(expansion_.seeds, ", "));
    }
    if (word.name == "state") {
      known.insert(states_.begin(), states_.end());
      return absl::StrCat("; the states are ", absl::StrJoin(known, ", "));
    }
    for (const Place& place : places_) {
      const auto value = ValueIn(*place.cell, word.name);
      if (value.has_value()) known.insert(*value);
    }
    return known.empty() ? ""
                         : absl::StrCat("; ", word.name, " can be ",
                                        absl::StrJoin(known, ", "));
  }

  // The axis that the word names; null where it names something else.
  const CheckedAxis* FindAxis(const SelectorWord& word) const {
    const auto found = std::find_if(
        expansion_.axes.begin(), expansion_.axes.end(),
        [&word](const CheckedAxis& axis) { return axis.name == word.name; });
    return found == expansion_.axes.end() ? nullptr : &*found;
  }

  // Whether there is what the word names, and its values can be compared.
  absl::Status CheckWord(absl::string_view text, const SelectorWord& word,
                         const CheckedAxis* axis) const {
    if (word.kind != SelectorWord::Kind::kName || word.name == "seed") {
      return absl::OkStatus();
    }
    const bool reserved =
        std::find(std::begin(kReservedAxisNames), std::end(kReservedAxisNames),
                  word.name) != std::end(kReservedAxisNames);
    if (axis == nullptr && !reserved) {
      std::vector<std::string> names;
      for (const CheckedAxis& each : expansion_.axes) {
        names.push_back(each.name);
      }
      for (absl::string_view each : kReservedAxisNames) {
        names.emplace_back(each);
      }
      return SelectorError(
          text, word.name_position,
          absl::StrCat(Quoted(word.name), " is not an axis of ",
                       expansion_.name, DidYouMean(word.name, names)));
    }
    const bool ordered = axis != nullptr && axis->path.has_value() &&
                         IsNumber(*axis->path->fields().back());
    if (word.compare != Compare::kEqual && !ordered) {
      return SelectorError(
          text, word.name_position + word.name.size(),
          absl::StrCat(word.name,
                       " has values without an order; expected = or !="));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Test> TestOf(const SelectorWord& word, const CheckedAxis* axis,
                              const std::string& value) const {
    if (word.kind == SelectorWord::Kind::kIndex) return TestIndex(value);
    if (word.kind == SelectorWord::Kind::kId) return TestId(value);
    if (word.name == "seed") {
      return TestSeed(word.compare, value, word.negated);
    }
    if (word.name == "state") return TestState(value);
    if (word.name == "design") {
      return TestText(word.name, value,
                      [](const Place& place) { return place.design->name; });
    }
    if (word.name == "cell") {
      return TestText(word.name, value,
                      [](const Place& place) { return place.cell->label; });
    }
    return TestAxis(word.compare, *axis, value);
  }

  // Notes the seeds that a negated word leaves out. All words together decide
  // about a run that no seed enters. The values were tested before.
  void LeaveOutSeeds(const SelectorWord& word) {
    for (const SelectorWord::Value& value : word.values) {
      uint64_t bound = 0;
      if (!absl::SimpleAtoi(value.text, &bound)) continue;
      for (const uint64_t seed : expansion_.seeds) {
        if (Holds<uint64_t>(word.compare, seed, bound)) left_out_.insert(seed);
      }
    }
  }

  absl::StatusOr<Test> TestIndex(const std::string& value) const {
    int64_t number;
    if (!absl::SimpleAtoi(value, &number) || number < 1 ||
        number > static_cast<int64_t>(expansion_.runs.size())) {
      return absl::InvalidArgumentError(absl::StrCat("there is no run ", value,
                                                     ", they are 1 to ",
                                                     expansion_.runs.size()));
    }
    return [number](const Place& place) { return place.run == number - 1; };
  }

  absl::StatusOr<Test> TestId(const std::string& value) const {
    // Runs that are evaluated differently may share an id.
    std::vector<std::string> fitting;
    for (const std::string& id : expansion_.spec_ids) {
      if (!IsPending(id) && absl::StartsWith(id, value) &&
          std::ranges::find(fitting, id) == fitting.end()) {
        fitting.push_back(id);
      }
    }
    if (fitting.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "no run of ", expansion_.name, " has an id that starts with ", value,
          "; `transect plan` prints the ids"));
    }
    if (fitting.size() > 1) {
      const size_t shown = std::min<size_t>(fitting.size(), 4);
      return absl::InvalidArgumentError(absl::StrCat(
          value, " is the start of ", fitting.size(), " ids: ",
          absl::StrJoin(fitting.begin(), fitting.begin() + shown, ", "),
          fitting.size() > shown ? ", ..." : ""));
    }
    return [this, id = fitting[0]](const Place& place) {
      return expansion_.spec_ids[place.run] == id;
    };
  }

  // `negated`: whether what the test holds for is left out.
  absl::StatusOr<Test> TestSeed(Compare compare, const std::string& value,
                                bool negated) const {
    uint64_t seed;
    if (!absl::SimpleAtoi(value, &seed)) {
      return absl::InvalidArgumentError(
          absl::StrCat(Quoted(value), " is not a seed; it can be ",
                       absl::StrJoin(expansion_.seeds, ", ")));
    }
    return [this, compare, seed, negated](const Place& place) {
      const RunSpec& run = expansion_.runs[place.run];
      if (run.has_seed()) return Holds(compare, run.seed(), seed);
      // A run that no seed enters belongs to all seeds: it is asked for with
      // any of them, and left out with all of them (LeaveOutSeeds).
      return !negated &&
             std::ranges::any_of(expansion_.seeds, [&](uint64_t each) {
               return Holds(compare, each, seed);
             });
    };
  }

  absl::StatusOr<Test> TestState(const std::string& value) const {
    // `status` shows names with spaces.
    const std::string wanted = absl::StrReplaceAll(value, {{" ", "_"}});
    const auto same = [wanted](const std::string& state) {
      return absl::EqualsIgnoreCase(state, wanted);
    };
    if (std::none_of(state_names_.begin(), state_names_.end(), same)) {
      return absl::InvalidArgumentError(absl::StrCat(
          Quoted(value), " is not a state",
          DidYouMean(value, {state_names_.begin(), state_names_.end()})));
    }
    return
        [this, same](const Place& place) { return same(states_[place.run]); };
  }

  absl::StatusOr<Test> TestText(
      const std::string& name, const std::string& value,
      const std::function<std::string(const Place&)>& text_of) const {
    std::set<std::string> texts;
    for (const Place& place : places_) texts.insert(text_of(place));
    if (texts.count(value) == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(Quoted(value), " is no ", name, " of ", expansion_.name,
                       DidYouMean(value, {texts.begin(), texts.end()})));
    }
    return [text_of, value](const Place& place) {
      return text_of(place) == value;
    };
  }

  // The value of the axis in the cell.
  std::optional<std::string> ValueIn(const Cell& cell,
                                     const std::string& axis) const {
    const auto named = [&axis](const AxisSetting& setting) {
      return setting.first == axis;
    };
    const auto own =
        std::find_if(cell.settings.begin(), cell.settings.end(), named);
    if (own != cell.settings.end()) {
      return own->second;
    }
    const auto in_base = std::find_if(expansion_.base_settings.begin(),
                                      expansion_.base_settings.end(), named);
    if (in_base == expansion_.base_settings.end() ||
        std::find(cell.without.begin(), cell.without.end(), axis) !=
            cell.without.end()) {
      return std::nullopt;
    }
    return in_base->second;
  }

  absl::StatusOr<Test> TestAxis(Compare compare, const CheckedAxis& axis,
                                const std::string& wanted) const {
    const absl::StatusOr<std::string> canonical_text = axis.Canonical(wanted);
    if (!canonical_text.ok()) {
      return absl::InvalidArgumentError(
          axis.WithValues(canonical_text.status().message()));
    }
    const std::string& canonical = *canonical_text;
    double bound = 0;
    if (compare != Compare::kEqual && !absl::SimpleAtod(canonical, &bound)) {
      return absl::InvalidArgumentError("is not a number");
    }
    const auto fits = [&](const std::string& value) {
      double real;
      return compare == Compare::kEqual ? value == canonical
                                        : absl::SimpleAtod(value, &real) &&
                                              Holds(compare, real, bound);
    };
    // Cells have many runs.
    std::set<const Cell*> cells;
    std::set<std::string> known;
    for (const DesignCells& design : expansion_.designs) {
      for (const Cell& cell : design.cells) {
        const std::optional<std::string> value = ValueIn(cell, axis.name);
        if (!value.has_value()) continue;
        known.insert(*value);
        if (fits(*value)) cells.insert(&cell);
      }
    }
    if (cells.empty() && compare == Compare::kEqual) {
      return absl::InvalidArgumentError(
          absl::StrCat("no cell has ", axis.name, "=", canonical,
                       DidYouMean("", {known.begin(), known.end()})));
    }
    return [cells](const Place& place) { return cells.count(place.cell) > 0; };
  }

  const Expansion& expansion_;
  absl::Span<const std::string> states_;
  absl::Span<const std::string> state_names_;
  std::vector<Place> places_;
  // Of each place, whether all words so far fit it.
  std::vector<bool> fits_;
  // Of each place, whether a word names its run by id or number.
  std::vector<bool> named_;
  bool any_named_ = false;
  // What each word matches, for people.
  std::vector<std::string> counts_;
  // Of each run, whether a negated word took it away.
  std::vector<bool> excluded_;
  // Seeds of the expansion that a negated word matches.
  std::set<uint64_t> left_out_;
};

}  // namespace

absl::StatusOr<std::vector<bool>> Select(
    absl::Span<const std::string> words, const Expansion& expansion,
    absl::Span<const std::string> states,
    absl::Span<const std::string> state_names) {
  Selection selection(expansion, states, state_names);
  for (const std::string& word : words) {
    TRANSECT_RETURN_IF_ERROR(selection.Add(word));
  }
  std::vector<bool> selected = selection.Selected();
  if (!words.empty() && std::ranges::find(selected, true) == selected.end()) {
    return selection.Nothing();
  }
  return selected;
}

bool NamesRuns(absl::Span<const std::string> words, absl::string_view state) {
  return std::ranges::any_of(words, [state](const std::string& text) {
    const absl::StatusOr<SelectorWord> word = ParseSelector(text);
    if (!word.ok() || word->negated) return false;
    if (word->kind != SelectorWord::Kind::kName) return true;
    return word->name == "state" &&
           std::ranges::all_of(word->values, [state](const auto& value) {
             return absl::EqualsIgnoreCase(value.text, state);
           });
  });
}

}  // namespace transect
