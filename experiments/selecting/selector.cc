#include "experiments/selecting/selector.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/suggestion.h"
#include "experiments/selecting/selector_word.h"
#include "google/protobuf/descriptor.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using ::google::protobuf::FieldDescriptor;
using Compare = SelectorWord::Compare;
using Value = SelectorWord::Value;

bool Holds(Compare compare, double a, double b) {
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
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT32:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_DOUBLE:
    case FieldDescriptor::CPPTYPE_FLOAT:
      return true;
    default:
      return false;
  }
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
    excluded_.assign(expansion.runs.size(), false);
  }

  absl::Status Add(absl::string_view text) {
    TRANSECT_ASSIGN_OR_RETURN(const SelectorWord word, ParseSelector(text));
    std::vector<bool> matched(places_.size());
    TRANSECT_RETURN_IF_ERROR(Match(text, word, &matched));
    for (size_t i = 0; i < places_.size(); ++i) {
      if (word.negated && matched[i]) {
        excluded_[places_[i].run] = true;
      } else if (!word.negated && !matched[i]) {
        fits_[i] = false;
      }
    }
    return absl::OkStatus();
  }

  std::vector<bool> Selected() const {
    std::vector<bool> selected(expansion_.runs.size());
    for (size_t i = 0; i < places_.size(); ++i) {
      if (fits_[i] && !excluded_[places_[i].run]) {
        selected[places_[i].run] = true;
      }
    }
    return selected;
  }

 private:
  struct Place {
    const DesignCells* design;
    const Cell* cell;
    int run;
  };

  absl::Status Match(absl::string_view text, const SelectorWord& word,
                     std::vector<bool>* matched) const {
    if (word.kind == SelectorWord::Kind::kIndex) {
      return MatchIndices(text, word, matched);
    }
    if (word.kind == SelectorWord::Kind::kId) {
      return MatchIds(text, word, matched);
    }
    if (word.name == "seed") {
      return MatchSeeds(text, word, matched);
    }
    if (word.name == "state") {
      return MatchStates(text, word, matched);
    }
    if (word.name == "design") {
      return MatchTexts(
          text, word, [](const Place& place) { return place.design->name; },
          matched);
    }
    if (word.name == "cell") {
      return MatchTexts(
          text, word, [](const Place& place) { return place.cell->label; },
          matched);
    }
    for (const CheckedAxis& axis : expansion_.axes) {
      if (axis.name == word.name) {
        return MatchAxis(text, word, axis, matched);
      }
    }
    std::vector<std::string> names;
    for (const CheckedAxis& axis : expansion_.axes) {
      names.push_back(axis.name);
    }
    for (absl::string_view reserved : kReservedAxisNames) {
      names.emplace_back(reserved);
    }
    return SelectorError(
        text, word.name_position,
        absl::StrCat(Quoted(word.name), " is not an axis of ", expansion_.name,
                     DidYouMean(word.name, names)));
  }

  absl::Status MatchIndices(absl::string_view text, const SelectorWord& word,
                            std::vector<bool>* matched) const {
    std::set<int64_t> runs;
    for (const Value& value : word.values) {
      int64_t number;
      if (!absl::SimpleAtoi(value.text, &number) || number < 1 ||
          number > static_cast<int64_t>(expansion_.runs.size())) {
        return SelectorError(
            text, value.position,
            absl::StrCat("there is no run ", value.text, ", they are 1 to ",
                         expansion_.runs.size()));
      }
      runs.insert(number - 1);
    }
    for (size_t i = 0; i < places_.size(); ++i) {
      (*matched)[i] = runs.count(places_[i].run) > 0;
    }
    return absl::OkStatus();
  }

  absl::Status MatchIds(absl::string_view text, const SelectorWord& word,
                        std::vector<bool>* matched) const {
    std::vector<bool> runs(expansion_.runs.size());
    for (const Value& value : word.values) {
      std::vector<std::string> fitting;
      for (size_t i = 0; i < runs.size(); ++i) {
        const std::string& id = expansion_.spec_ids[i];
        if (!IsPending(id) && absl::StartsWith(id, value.text)) {
          runs[i] = true;
          fitting.push_back(id);
        }
      }
      if (fitting.empty()) {
        return SelectorError(
            text, value.position,
            absl::StrCat("no run of ", expansion_.name,
                         " has an id that starts with ", value.text,
                         "; `transect plan` prints the ids"));
      }
      if (fitting.size() > 1) {
        const size_t shown = std::min<size_t>(fitting.size(), 4);
        return SelectorError(
            text, value.position,
            absl::StrCat(
                value.text, " is the start of ", fitting.size(), " ids: ",
                absl::StrJoin(fitting.begin(), fitting.begin() + shown, ", "),
                fitting.size() > shown ? ", ..." : ""));
      }
    }
    for (size_t i = 0; i < places_.size(); ++i) {
      (*matched)[i] = runs[places_[i].run];
    }
    return absl::OkStatus();
  }

  absl::Status MatchSeeds(absl::string_view text, const SelectorWord& word,
                          std::vector<bool>* matched) const {
    for (const Value& value : word.values) {
      uint64_t seed;
      if (!absl::SimpleAtoi(value.text, &seed)) {
        return SelectorError(
            text, value.position,
            absl::StrCat(Quoted(value.text), " is not a seed; it can be ",
                         absl::StrJoin(expansion_.seeds, ", ")));
      }
      const auto compare = [&](uint64_t other) {
        switch (word.compare) {
          case Compare::kEqual:
            return other == seed;
          case Compare::kLess:
            return other < seed;
          case Compare::kLessEqual:
            return other <= seed;
          case Compare::kGreater:
            return other > seed;
          case Compare::kGreaterEqual:
            return other >= seed;
        }
        return false;
      };
      for (size_t i = 0; i < places_.size(); ++i) {
        if (compare(expansion_.runs[places_[i].run].seed())) {
          (*matched)[i] = true;
        }
      }
    }
    return absl::OkStatus();
  }

  absl::Status MatchStates(absl::string_view text, const SelectorWord& word,
                           std::vector<bool>* matched) const {
    TRANSECT_RETURN_IF_ERROR(CheckEqual(text, word));
    for (const Value& value : word.values) {
      const auto same = [&value](const std::string& state) {
        return absl::EqualsIgnoreCase(state, value.text);
      };
      if (std::none_of(state_names_.begin(), state_names_.end(), same)) {
        return SelectorError(
            text, value.position,
            absl::StrCat(Quoted(value.text), " is not a state",
                         DidYouMean(value.text, {state_names_.begin(),
                                                 state_names_.end()})));
      }
      for (size_t i = 0; i < places_.size(); ++i) {
        if (same(states_[places_[i].run])) {
          (*matched)[i] = true;
        }
      }
    }
    return absl::OkStatus();
  }

  template <typename TextOf>
  absl::Status MatchTexts(absl::string_view text, const SelectorWord& word,
                          const TextOf& text_of,
                          std::vector<bool>* matched) const {
    TRANSECT_RETURN_IF_ERROR(CheckEqual(text, word));
    for (const Value& value : word.values) {
      bool any = false;
      for (size_t i = 0; i < places_.size(); ++i) {
        if (text_of(places_[i]) == value.text) {
          (*matched)[i] = true;
          any = true;
        }
      }
      if (!any) {
        std::set<std::string> names;
        for (const Place& place : places_) {
          names.insert(text_of(place));
        }
        return SelectorError(
            text, value.position,
            absl::StrCat(Quoted(value.text), " is no ", word.name, " of ",
                         expansion_.name,
                         DidYouMean(value.text, {names.begin(), names.end()})));
      }
    }
    return absl::OkStatus();
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

  absl::Status MatchAxis(absl::string_view text, const SelectorWord& word,
                         const CheckedAxis& axis,
                         std::vector<bool>* matched) const {
    const bool number =
        axis.path.has_value() && IsNumber(*axis.path->fields().back());
    if (!number) {
      TRANSECT_RETURN_IF_ERROR(CheckEqual(text, word));
    }
    // Cells have many runs, and neighbors are of one cell.
    std::map<const Cell*, std::optional<std::string>> values;
    for (const Place& place : places_) {
      if (values.find(place.cell) == values.end()) {
        values.emplace(place.cell, ValueIn(*place.cell, axis.name));
      }
    }
    for (const Value& wanted : word.values) {
      const absl::StatusOr<std::string> canonical = axis.Canonical(wanted.text);
      if (!canonical.ok()) {
        return SelectorError(text, wanted.position,
                             canonical.status().message());
      }
      double bound = 0;
      if (word.compare != Compare::kEqual &&
          !absl::SimpleAtod(*canonical, &bound)) {
        return SelectorError(text, wanted.position, "is not a number");
      }
      const auto fits = [&](const std::optional<std::string>& value) {
        double real;
        return value.has_value() &&
               (word.compare == Compare::kEqual
                    ? *value == *canonical
                    : absl::SimpleAtod(*value, &real) &&
                          Holds(word.compare, real, bound));
      };
      bool any = false;
      std::set<std::string> known;
      for (size_t i = 0; i < places_.size(); ++i) {
        const std::optional<std::string>& value = values[places_[i].cell];
        if (value.has_value()) {
          known.insert(*value);
        }
        if (fits(value)) {
          (*matched)[i] = true;
          any = true;
        }
      }
      if (!any && word.compare == Compare::kEqual) {
        return SelectorError(
            text, wanted.position,
            absl::StrCat("no cell has ", axis.name, "=", *canonical,
                         DidYouMean("", {known.begin(), known.end()})));
      }
    }
    return absl::OkStatus();
  }

  static absl::Status CheckEqual(absl::string_view text,
                                 const SelectorWord& word) {
    if (word.compare == Compare::kEqual) {
      return absl::OkStatus();
    }
    return SelectorError(
        text, word.name_position + word.name.size(),
        absl::StrCat(word.name,
                     " has values without an order; expected = or !="));
  }

  const Expansion& expansion_;
  absl::Span<const std::string> states_;
  absl::Span<const std::string> state_names_;
  std::vector<Place> places_;
  // Of each place, whether all words so far fit it.
  std::vector<bool> fits_;
  // Of each run, whether a negated word took it away.
  std::vector<bool> excluded_;
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
  return selection.Selected();
}

}  // namespace transect
