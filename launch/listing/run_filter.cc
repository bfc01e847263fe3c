#include "launch/listing/run_filter.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/suggestion.h"
#include "experiments/selecting/selector_word.h"
#include "launch/listing/run_list.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using Compare = SelectorWord::Compare;
using Test = std::function<bool(const ListedRun&)>;

// Whether `order`, negative, 0 or positive, is what was asked for.
bool Holds(Compare compare, int order) {
  switch (compare) {
    case Compare::kEqual:
      return order == 0;
    case Compare::kLess:
      return order < 0;
    case Compare::kLessEqual:
      return order <= 0;
    case Compare::kGreater:
      return order > 0;
    case Compare::kGreaterEqual:
      return order >= 0;
  }
  return false;
}

bool IsText(const std::string& text, const std::string& wanted) {
  return text.empty() ? wanted == "-" : text == wanted;
}

absl::StatusOr<Test> StateTest(const std::string& text, size_t position,
                               const std::string& value) {
  std::vector<std::string> names;
  for (int i = ListedState::Value_MIN + 1; i <= ListedState::Value_MAX; ++i) {
    names.push_back(ListedStateName(static_cast<ListedState::Value>(i)));
    if (absl::EqualsIgnoreCase(names.back(), value)) {
      return Test([i](const ListedRun& run) { return run.state() == i; });
    }
  }
  return SelectorError(text, position,
                       absl::StrCat("no such state", DidYouMean("", names)));
}

absl::StatusOr<Test> GiouTest(const std::string& text, size_t position,
                              const std::string& value, Compare compare) {
  double percent = 0;
  if (!absl::SimpleAtod(value, &percent)) {
    return SelectorError(text, position, "is no number; giou is in percent");
  }
  return Test([percent, compare](const ListedRun& run) {
    return std::ranges::any_of(
        run.evaluations(), [&](const ListedEvaluation& evaluation) {
          const double giou = 100 * evaluation.giou();
          return evaluation.has_giou() && Holds(compare, giou < percent   ? -1
                                                         : giou > percent ? 1
                                                                          : 0);
        });
  });
}

// Whether it is the beginning of a date and a time as DateText writes them,
// which ends after a whole number.
bool IsDate(absl::string_view value) {
  constexpr absl::string_view kForm = "9999-99-99 99:99";
  constexpr int kEnds[] = {4, 7, 10, 13, 16};
  if (std::ranges::find(kEnds, static_cast<int>(value.size())) ==
      std::end(kEnds)) {
    return false;
  }
  for (size_t i = 0; i < value.size(); ++i) {
    if (kForm[i] == '9' ? !absl::ascii_isdigit(value[i])
                        : value[i] != kForm[i]) {
      return false;
    }
  }
  const auto in_range = [value](size_t at, int least, int most) {
    int number = 0;
    return value.size() < at + 2 ||
           (absl::SimpleAtoi(value.substr(at, 2), &number) && number >= least &&
            number <= most);
  };
  return in_range(5, 1, 12) && in_range(8, 1, 31) && in_range(11, 0, 23) &&
         in_range(14, 0, 59);
}

// Compares as far as the value is written: a month holds its days.
absl::StatusOr<Test> DateTest(const std::string& text, size_t position,
                              const std::string& value, Compare compare) {
  if (!IsDate(value)) {
    return SelectorError(
        text, position,
        absl::StrCat(Quoted(value),
                     " is no date; it is written 2026, 2026-11, 2026-11-30 or "
                     "\"2026-11-30 14:05\", in local time"));
  }
  return Test([value, compare](const ListedRun& run) {
    if (run.start_unix_us() == 0) return false;
    return Holds(
        compare,
        DateText(run.start_unix_us()).substr(0, value.size()).compare(value));
  });
}

// What one value of a word asks for.
absl::StatusOr<Test> TestOf(const std::string& text, const SelectorWord& word,
                            const SelectorWord::Value& value) {
  const std::string& wanted = value.text;
  if (word.kind == SelectorWord::Kind::kId) {
    return Test([wanted](const ListedRun& run) {
      return absl::StartsWithIgnoreCase(run.id(), wanted);
    });
  }
  if (word.kind == SelectorWord::Kind::kIndex) {
    return SelectorError(text, 0,
                         "numbers are those of a plan; name a run by the start "
                         "of its id");
  }
  if (word.name == "giou") {
    return GiouTest(text, value.position, wanted, word.compare);
  }
  if (word.name == "date") {
    return DateTest(text, value.position, wanted, word.compare);
  }
  if (word.compare != Compare::kEqual) {
    return SelectorError(text, word.name_position,
                         "only date and giou have an order");
  }
  if (word.name == "state") return StateTest(text, value.position, wanted);
  if (word.name == "code") {
    return Test([wanted](const ListedRun& run) {
      return absl::StartsWithIgnoreCase(wanted, run.code()) ||
             absl::StartsWithIgnoreCase(run.code(), wanted);
    });
  }
  if (word.name == "split") {
    return Test([wanted](const ListedRun& run) {
      return std::ranges::any_of(run.evaluations(),
                                 [&](const ListedEvaluation& evaluation) {
                                   return evaluation.split() == wanted;
                                 });
    });
  }
  using Text = const std::string& (ListedRun::*)() const;
  const std::pair<absl::string_view, Text> texts[] = {
      {"experiment", &ListedRun::experiment},
      {"name", &ListedRun::name},
      {"host", &ListedRun::host}};
  for (const auto& [name, get] : texts) {
    if (word.name == name) {
      return Test([wanted, get = get](const ListedRun& run) {
        return IsText((run.*get)(), wanted);
      });
    }
  }
  return SelectorError(
      text, word.name_position,
      absl::StrCat("runs have no ", Quoted(word.name),
                   DidYouMean("", {"experiment", "name", "state", "code",
                                   "split", "date", "giou", "host"})));
}

}  // namespace

absl::Status FilterRuns(absl::Span<const std::string> words,
                        StoreListing* list) {
  // All of them, and one of the ids if there are any.
  std::vector<Test> tests;
  std::vector<Test> ids;
  for (const std::string& text : words) {
    TRANSECT_ASSIGN_OR_RETURN(const SelectorWord word, ParseSelector(text));
    std::vector<Test> values;
    for (const SelectorWord::Value& value : word.values) {
      TRANSECT_ASSIGN_OR_RETURN(values.emplace_back(),
                                TestOf(text, word, value));
    }
    Test any = [values, negated = word.negated](const ListedRun& run) {
      return negated != std::ranges::any_of(values, [&](const Test& test) {
               return test(run);
             });
    };
    const bool is_id = word.kind == SelectorWord::Kind::kId && !word.negated;
    (is_id ? ids : tests).push_back(std::move(any));
  }
  const auto matches = [&](const ListedRun& run) {
    const auto holds = [&run](const Test& test) { return test(run); };
    return std::ranges::all_of(tests, holds) &&
           (ids.empty() || std::ranges::any_of(ids, holds));
  };
  auto* const runs = list->mutable_runs();
  const auto end =
      std::remove_if(runs->begin(), runs->end(),
                     [&](const ListedRun& run) { return !matches(run); });
  runs->erase(end, runs->end());
  return absl::OkStatus();
}

}  // namespace transect
