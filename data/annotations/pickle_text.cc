#include "data/annotations/pickle_text.h"

#include <algorithm>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "data/io/utf8.h"

namespace transect {
namespace {

constexpr size_t kLongestName = 60;

bool IsHighSurrogate(char32_t point) {
  return point >= 0xD800 && point < 0xDC00;
}
bool IsLowSurrogate(char32_t point) {
  return point >= 0xDC00 && point < 0xE000;
}

// The number of at most `digits` digits at `offset`, which moves behind them.
char32_t ReadDigits(absl::string_view text, size_t digits, int base,
                    size_t* offset) {
  const size_t end = std::min(text.size(), *offset + digits);
  char32_t value = 0;
  for (; *offset < end; ++*offset) {
    const char c = absl::ascii_tolower(text[*offset]);
    const int digit = absl::ascii_isdigit(c)               ? c - '0'
                      : base == 16 && c >= 'a' && c <= 'f' ? c - 'a' + 10
                                                           : base;
    if (digit >= base) break;
    value = value * base + digit;
  }
  return value;
}

absl::Status BadEscape(absl::string_view text, size_t offset) {
  return absl::InvalidArgumentError(
      absl::StrCat("string with the escape \"",
                   absl::CHexEscape(text.substr(offset, 10)), "\""));
}

}  // namespace

std::string Utf8FromLatin1(absl::string_view bytes) {
  std::u32string points;
  points.reserve(bytes.size());
  for (const char byte : bytes) {
    points.push_back(static_cast<unsigned char>(byte));
  }
  return Utf8FromUtf32(points);
}

absl::StatusOr<std::string> TextOfLiteral(absl::string_view literal) {
  if (literal.size() < 2 || literal.front() != literal.back() ||
      (literal.front() != '\'' && literal.front() != '"')) {
    return absl::InvalidArgumentError("string without quotes around it");
  }
  literal = literal.substr(1, literal.size() - 2);
  std::string bytes;
  for (size_t i = 0; i < literal.size();) {
    if (literal[i] != '\\') {
      bytes.push_back(literal[i++]);
      continue;
    }
    const size_t start = i++;
    if (i == literal.size()) return BadEscape(literal, start);
    constexpr absl::string_view kLetters = "\\'\"abfnrtv";
    constexpr absl::string_view kBytes = "\\'\"\a\b\f\n\r\t\v";
    const size_t letter = kLetters.find(literal[i]);
    if (letter != absl::string_view::npos) {
      bytes.push_back(kBytes[letter]);
      ++i;
    } else if (literal[i] == 'x') {
      const size_t digits = ++i;
      const char32_t value = ReadDigits(literal, 2, 16, &i);
      if (i != digits + 2) return BadEscape(literal, start);
      bytes.push_back(static_cast<char>(value));
    } else if (literal[i] >= '0' && literal[i] <= '7') {
      bytes.push_back(static_cast<char>(ReadDigits(literal, 3, 8, &i)));
    } else {
      bytes.push_back('\\');  // Python keeps what is no escape.
    }
  }
  return Utf8FromLatin1(bytes);
}

absl::StatusOr<std::string> TextOfUnicode(absl::string_view escaped) {
  std::u32string points;
  for (size_t i = 0; i < escaped.size();) {
    const char next = i + 1 < escaped.size() ? escaped[i + 1] : '\0';
    if (escaped[i] != '\\' || (next != 'u' && next != 'U')) {
      points.push_back(static_cast<unsigned char>(escaped[i++]));
      continue;
    }
    const size_t start = i;
    const size_t digits = next == 'u' ? 4 : 8;
    i += 2;
    const char32_t point = ReadDigits(escaped, digits, 16, &i);
    if (i != start + 2 + digits || point > 0x10FFFF) {
      return BadEscape(escaped, start);
    }
    if (IsLowSurrogate(point) && !points.empty() &&
        IsHighSurrogate(points.back())) {
      points.back() =
          0x10000 + ((points.back() - 0xD800) << 10) + (point - 0xDC00);
    } else {
      points.push_back(point);
    }
  }
  for (const char32_t point : points) {
    if (IsHighSurrogate(point) || IsLowSurrogate(point)) {
      return absl::InvalidArgumentError("string with half a surrogate pair");
    }
  }
  return Utf8FromUtf32(points);
}

absl::StatusOr<int64_t> IntegerOfLine(absl::string_view line) {
  absl::string_view digits = line;
  absl::ConsumeSuffix(&digits, "L");
  int64_t value = 0;
  if (!absl::SimpleAtoi(digits, &value)) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", absl::CHexEscape(line.substr(0, 40)),
                     "\" where an integer of 64 bits must be"));
  }
  return value;
}

std::string WhatIsLookedUp(absl::string_view module, absl::string_view name) {
  const std::string path =
      absl::CHexEscape(absl::StrCat(module, ".", name).substr(0, kLongestName));
  if (absl::StartsWith(module, "numpy")) {
    if (name == "scalar") {
      return absl::StrCat("it holds a numpy scalar (", path,
                          "): put int(...) around such integers before "
                          "pickle.dump");
    }
    return absl::StrCat("it holds a numpy object (", path,
                        "): call .tolist() of arrays before pickle.dump");
  }
  return absl::StrCat("it looks up ", path);
}

}  // namespace transect
