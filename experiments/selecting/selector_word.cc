#include "experiments/selecting/selector_word.h"

#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "data/io/suggestion.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using Compare = SelectorWord::Compare;
using Value = SelectorWord::Value;

bool IsNameCharacter(char c) {
  return absl::ascii_isalnum(c) || c == '_' || c == '-';
}

// Whether `text` is not empty and has none but these characters.
bool HasOnly(absl::string_view characters, absl::string_view text) {
  return !text.empty() && text.find_first_not_of(characters) == text.npos;
}

class WordParser {
 public:
  explicit WordParser(absl::string_view word) : word_(word) {}

  absl::StatusOr<SelectorWord> Parse() {
    if (word_.size() > kMaxSelectorBytes) {
      return SelectorError(
          word_, kMaxSelectorBytes,
          absl::StrCat("a word has at most ", kMaxSelectorBytes, " bytes"));
    }
    if (absl::EndsWith(word_, ".textproto") && !absl::StrContains(word_, '=')) {
      return SelectorError(
          word_, 0,
          "a second experiment file; give one, and behind it selectors of its "
          "runs, such as seed=1");
    }
    while (Next() == '!') {
      result_.negated = !result_.negated;
      ++at_;
    }
    if (Next() == '#') {
      return ParseIndices();
    }
    result_.name_position = at_;
    while (IsNameCharacter(Next())) {
      ++at_;
    }
    result_.name = std::string(
        word_.substr(result_.name_position, at_ - result_.name_position));
    if (at_ == word_.size() || Next() == ',') {
      return ParseIds();
    }
    if (result_.name.empty()) {
      return SelectorError(
          word_, at_,
          "expected a name (an axis, seed, state, design, cell), the "
          "start of an id, or '#' and a number");
    }
    TRANSECT_RETURN_IF_ERROR(ParseSign());
    TRANSECT_RETURN_IF_ERROR(ParseValues());
    return std::move(result_);
  }

 private:
  // 0 at the end; no character of a word counts as that, see ParseValues.
  char Next() const { return at_ < word_.size() ? word_[at_] : '\0'; }

  absl::StatusOr<SelectorWord> ParseIndices() {
    result_.kind = SelectorWord::Kind::kIndex;
    ++at_;
    TRANSECT_RETURN_IF_ERROR(ParseValues());
    for (const Value& value : result_.values) {
      int64_t number;
      if (!HasOnly("0123456789", value.text) ||
          !absl::SimpleAtoi(value.text, &number)) {
        return SelectorError(word_, value.position,
                             "expected a number, as in #3");
      }
    }
    return std::move(result_);
  }

  absl::StatusOr<SelectorWord> ParseIds() {
    result_.kind = SelectorWord::Kind::kId;
    at_ = result_.name_position;
    TRANSECT_RETURN_IF_ERROR(ParseValues());
    for (const Value& value : result_.values) {
      if (!HasOnly("0123456789abcdef", value.text)) {
        // Names are more frequent than ids.
        const bool bare = result_.values.size() == 1 && !value.text.empty();
        return SelectorError(
            word_, bare ? value.position + value.text.size() : value.position,
            bare ? "expected =, !=, <, <=, > or >= and a value, or the start "
                   "of an id, which has digits and letters a to f only"
                 : "expected the start of an id: digits and letters a to f");
      }
    }
    result_.name.clear();
    return std::move(result_);
  }

  absl::Status ParseSign() {
    const char first = Next();
    const char second = at_ + 1 < word_.size() ? word_[at_ + 1] : '\0';
    size_t length = second == '=' ? 2 : 1;
    if (first == '!' && second == '=') {
      result_.negated = !result_.negated;
    } else if (first == '=') {
      length = 1;
    } else if (first == '<') {
      result_.compare = length == 2 ? Compare::kLessEqual : Compare::kLess;
    } else if (first == '>') {
      result_.compare =
          length == 2 ? Compare::kGreaterEqual : Compare::kGreater;
    } else {
      return SelectorError(word_, at_, "expected =, !=, <, <=, > or >=");
    }
    at_ += length;
    return absl::OkStatus();
  }

  absl::Status ParseValues() {
    while (true) {
      Value value;
      value.position = at_;
      if (Next() == '"') {
        TRANSECT_RETURN_IF_ERROR(ParseQuoted(&value.text));
      } else {
        while (at_ < word_.size() && Next() != ',') {
          value.text += word_[at_++];
        }
        if (value.text.empty()) {
          return SelectorError(word_, value.position, "expected a value");
        }
      }
      result_.values.push_back(std::move(value));
      if (at_ == word_.size()) {
        return absl::OkStatus();
      }
      if (Next() != ',') {
        return SelectorError(word_, at_, "expected ',' or the end");
      }
      ++at_;
    }
  }

  absl::Status ParseQuoted(std::string* text) {
    const size_t start = at_++;
    while (at_ < word_.size() && word_[at_] != '"') {
      if (word_[at_] == '\\' && at_ + 1 < word_.size()) {
        ++at_;
      }
      *text += word_[at_++];
    }
    if (at_ == word_.size()) {
      return SelectorError(word_, start, "has a quote that does not close");
    }
    ++at_;
    return absl::OkStatus();
  }

  absl::string_view word_;
  size_t at_ = 0;
  SelectorWord result_;
};

}  // namespace

absl::StatusOr<SelectorWord> ParseSelector(absl::string_view word) {
  return WordParser(word).Parse();
}

absl::Status SelectorError(absl::string_view word, size_t position,
                           absl::string_view message) {
  return absl::InvalidArgumentError(absl::StrCat(
      "selector ", Quoted(word), ", position ", position + 1, ": ", message));
}

}  // namespace transect
