#include "data/text/canonical.h"

#include <locale.h>
#include <wctype.h>

#include <cstddef>

#include "absl/strings/ascii.h"

namespace transect {
namespace {

char32_t LowerPoint(char32_t point) {
  if (point < 0x80) {
    return absl::ascii_tolower(static_cast<unsigned char>(point));
  }
  // Part of glibc: needs no installed locale, and no locale that is set.
  static const locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  return unicode == nullptr ? point
                            : static_cast<char32_t>(towlower_l(
                                  static_cast<wint_t>(point), unicode));
}

}  // namespace

bool IsSpace(char32_t point) {
  return (point >= 0x09 && point <= 0x0D) || (point >= 0x1C && point <= 0x20) ||
         point == 0x85 || point == 0xA0 || point == 0x1680 ||
         (point >= 0x2000 && point <= 0x200A) || point == 0x2028 ||
         point == 0x2029 || point == 0x202F || point == 0x205F ||
         point == 0x3000;
}

std::u32string LowerCase(const std::u32string& text) {
  std::u32string lower;
  lower.reserve(text.size());
  for (const char32_t point : text) {
    if (point == 0x130) {
      // The one code point whose lower case is two: i and a dot above.
      lower += U"i\u0307";
    } else {
      lower.push_back(LowerPoint(point));
    }
  }
  return lower;
}

std::u32string StripLeft(const std::u32string& text) {
  size_t first = 0;
  while (first < text.size() && IsSpace(text[first])) {
    ++first;
  }
  return text.substr(first);
}

std::u32string StripRight(const std::u32string& text) {
  size_t end = text.size();
  while (end > 0 && IsSpace(text[end - 1])) {
    --end;
  }
  return text.substr(0, end);
}

std::u32string Canonicalize(const std::u32string& text) {
  std::u32string result;
  bool space = false;
  for (const char32_t point : text) {
    if (point < 0x80 &&
        absl::ascii_ispunct(static_cast<unsigned char>(point))) {
      continue;
    }
    if (IsSpace(point)) {
      space = true;
      continue;
    }
    if (space && !result.empty()) {
      result.push_back(U' ');
    }
    space = false;
    result.push_back(point);
  }
  return result;
}

}  // namespace transect
