#include "experiments/reading/list_text.h"

#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "data/io/suggestion.h"

namespace transect {
namespace {

absl::Status Wrong(absl::string_view text, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(
      Quoted(text), " ", what, "; a list is values and commas, such as 8,16"));
}

// Where the quote at the start of `text` closes; npos where it does not.
size_t ClosingQuote(absl::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == text[0]) {
      return i;
    }
  }
  return absl::string_view::npos;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> SplitList(absl::string_view text) {
  absl::string_view rest = absl::StripAsciiWhitespace(text);
  if (absl::ConsumePrefix(&rest, "[")) {
    if (!absl::ConsumeSuffix(&rest, "]")) {
      return Wrong(text, "has no ] at its end");
    }
    rest = absl::StripAsciiWhitespace(rest);
  }
  if (rest.empty()) return Wrong(text, "has no value");
  std::vector<std::string> values;
  for (bool more = true; more;) {
    rest = absl::StripLeadingAsciiWhitespace(rest);
    std::string value;
    if (!rest.empty() && (rest[0] == '"' || rest[0] == '\'')) {
      const size_t close = ClosingQuote(rest);
      if (close == absl::string_view::npos) {
        return Wrong(text, "has a quote that does not close");
      }
      if (!absl::CUnescape(rest.substr(1, close - 1), &value)) {
        return Wrong(text, "has a wrong escape in quotes");
      }
      rest = absl::StripLeadingAsciiWhitespace(rest.substr(close + 1));
      if (!rest.empty() && rest[0] != ',') {
        return Wrong(text, "has no comma behind a quote");
      }
    } else {
      const size_t comma = rest.find(',');
      value = std::string(absl::StripAsciiWhitespace(rest.substr(0, comma)));
      if (value.empty()) return Wrong(text, "has an empty value");
      rest = comma == absl::string_view::npos ? "" : rest.substr(comma);
    }
    values.push_back(std::move(value));
    more = absl::ConsumePrefix(&rest, ",");
  }
  return values;
}

}  // namespace transect
