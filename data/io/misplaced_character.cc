#include "data/io/misplaced_character.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "data/io/utf8.h"

namespace transect {
namespace {

struct Lookalike {
  char32_t first, last;
  // "a typographic quote", and the character that was meant.
  absl::string_view what;
  absl::string_view meant;
};

constexpr absl::string_view kQuote = "a typographic quote";
constexpr absl::string_view kSpace = "a no-break or wide space";

constexpr Lookalike kLookalikes[] = {
    {0x00A0, 0x00A0, kSpace, "a plain space"},
    {0x1680, 0x1680, kSpace, "a plain space"},
    {0x2000, 0x200A, kSpace, "a plain space"},
    {0x202F, 0x202F, kSpace, "a plain space"},
    {0x205F, 0x205F, kSpace, "a plain space"},
    {0x3000, 0x3000, kSpace, "a plain space"},
    {0x00AB, 0x00AB, kQuote, "\""},
    {0x00BB, 0x00BB, kQuote, "\""},
    {0x00B4, 0x00B4, kQuote, "'"},
    {0x2018, 0x201B, kQuote, "'"},
    {0x201C, 0x201F, kQuote, "\""},
    {0x2032, 0x2032, kQuote, "'"},
    {0x2033, 0x2033, kQuote, "\""},
    {0x2039, 0x203A, kQuote, "'"},
    {0x300C, 0x300F, kQuote, "\""},
    {0x301D, 0x301F, kQuote, "\""},
    {0xFF02, 0xFF02, kQuote, "\""},
    {0xFF07, 0xFF07, kQuote, "'"},
    {0x2010, 0x2015, "a typographic dash", "-"},
    {0x2212, 0x2212, "a minus sign of typesetting", "-"},
    {0xFF1A, 0xFF1A, "a wide colon", ":"},
    {0xFF0C, 0xFF0C, "a wide comma", ","},
};

const Lookalike* FindLookalike(char32_t point) {
  const auto found =
      std::find_if(std::begin(kLookalikes), std::end(kLookalikes),
                   [point](const Lookalike& each) {
                     return point >= each.first && point <= each.last;
                   });
  return found == std::end(kLookalikes) ? nullptr : found;
}

// "U+201C", with the character before it where it can be seen.
std::string Name(absl::string_view character, char32_t point) {
  const Lookalike* known = FindLookalike(point);
  const std::string number =
      absl::StrFormat("U+%04X", static_cast<uint32_t>(point));
  return ActsOnText(point) || (known != nullptr && known->what == kSpace)
             ? number
             : absl::StrCat(character, " (", number, ")");
}

std::string NotPlain(absl::string_view character, char32_t point,
                     const Lookalike& known) {
  return absl::StrCat(Name(character, point), " is ", known.what, ", not ",
                      known.meant,
                      ", as pages and word processors make it: "
                      "type ",
                      known.meant);
}

// What is wrong with the character at `at`, which is outside of quotes and
// comments; "" if nothing is.
std::string ProblemOutside(absl::string_view text, size_t at) {
  const std::optional<Utf8Point> point = ReadUtf8Point(text, at);
  if (!point.has_value()) {
    return absl::StrFormat(
        "byte 0x%02X is not UTF-8: save the file as UTF-8 text",
        static_cast<unsigned char>(text[at]));
  }
  constexpr absl::string_view kWhite = "\t\n\v\f\r";
  if (point->point < 0x80) {
    const char byte = text[at];
    if (!ActsOnText(point->point) ||
        kWhite.find(byte) != absl::string_view::npos) {
      return "";
    }
    return absl::StrCat(
        "a control character (", Name("", point->point),
        ") stands here: delete it, or save the file as UTF-8 text");
  }
  const absl::string_view character = text.substr(at, point->bytes);
  if (const Lookalike* known = FindLookalike(point->point)) {
    return NotPlain(character, point->point, *known);
  }
  if (ActsOnText(point->point)) {
    return absl::StrCat("an invisible character (", Name("", point->point),
                        ") stands here: delete it");
  }
  return absl::StrCat(Name(character, point->point),
                      " stands outside of quotes, where only ASCII may stand: "
                      "put the text that it is part of into \"quotes\"");
}

// The end of the string that the quote at `at` begins, behind its closing
// quote; npos where there is none in the line.
size_t EndOfString(absl::string_view text, size_t at) {
  const char quote = text[at];
  for (size_t i = at + 1; i < text.size() && text[i] != '\n'; ++i) {
    if (text[i] == quote) {
      return i + 1;
    }
    if (text[i] == '\\') {
      ++i;
    }
  }
  return absl::string_view::npos;
}

// A typographic quote in the line of the string at `at`, which nothing closes.
std::optional<MisplacedCharacter> FindFalseClosing(absl::string_view text,
                                                   size_t at) {
  const size_t end = std::min(text.find('\n', at), text.size());
  for (size_t i = at + 1; i < end;) {
    const std::optional<Utf8Point> point = ReadUtf8Point(text, i);
    if (!point.has_value()) {
      return std::nullopt;
    }
    const Lookalike* known = FindLookalike(point->point);
    if (known != nullptr && known->what == kQuote) {
      return MisplacedCharacter{
          i, absl::StrCat(
                 Name(text.substr(i, point->bytes), point->point), " is ",
                 kQuote, " and does not end the string, which ",
                 text.substr(at, 1), " began: type ", text.substr(at, 1))};
    }
    i += point->bytes;
  }
  return std::nullopt;
}

}  // namespace

std::optional<MisplacedCharacter> FindMisplacedCharacter(
    absl::string_view text) {
  for (const absl::string_view mark : {"\xFF\xFE", "\xFE\xFF"}) {
    if (absl::StartsWith(text, mark)) {
      return MisplacedCharacter{
          0, "is text in UTF-16: save the file as UTF-8 text"};
    }
  }
  for (size_t at = 0; at < text.size();) {
    const char byte = text[at];
    const bool is_plain = (byte >= ' ' && byte <= '~') || byte == '\n';
    if (byte == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else if (byte == '"' || byte == '\'') {
      const size_t end = EndOfString(text, at);
      if (end == absl::string_view::npos) {
        return FindFalseClosing(text, at);
      }
      at = end;
    } else if (is_plain) {
      ++at;
    } else {
      std::string problem = ProblemOutside(text, at);
      if (!problem.empty()) {
        return MisplacedCharacter{at, std::move(problem)};
      }
      ++at;
    }
  }
  return std::nullopt;
}

}  // namespace transect
