#include "data/io/utf8.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace transect {
namespace {

// Reads one code point at *offset and moves on; false if the bytes there are
// not a valid sequence.
bool NextPoint(absl::string_view text, size_t* offset, char32_t* point) {
  const auto byte = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<unsigned char>(text[i]));
  };
  const uint32_t lead = byte(*offset);
  if (lead < 0x80) {
    *point = lead;
    ++*offset;
    return true;
  }
  const int length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - *offset < size_t(length)) {
    return false;
  }
  uint32_t value = lead & (0xFF >> (length + 1));
  for (int i = 1; i < length; ++i) {
    const uint32_t next = byte(*offset + i);
    if ((next & 0xC0) != 0x80) {
      return false;
    }
    value = value << 6 | (next & 0x3F);
  }
  constexpr uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[length] || value > 0x10FFFF ||
      (value >= 0xD800 && value <= 0xDFFF)) {
    return false;
  }
  *point = value;
  *offset += length;
  return true;
}

// Offset of the first sequence that is not valid; the size if all are.
size_t FirstInvalid(absl::string_view text) {
  char32_t point;
  size_t offset = 0;
  while (offset < text.size() && NextPoint(text, &offset, &point)) {
  }
  return offset;
}

}  // namespace

absl::StatusOr<std::u32string> Utf32FromUtf8(absl::string_view text) {
  std::u32string points;
  points.reserve(text.size());
  for (size_t offset = 0; offset < text.size();) {
    char32_t point;
    if (!NextPoint(text, &offset, &point)) {
      return absl::InvalidArgumentError(
          absl::StrCat("not valid UTF-8 at byte ", offset));
    }
    points.push_back(point);
  }
  return points;
}

bool IsUtf8(absl::string_view text) {
  return FirstInvalid(text) == text.size();
}

absl::Status CheckUtf8(absl::string_view text) {
  constexpr size_t kAround = 30;
  const size_t at = FirstInvalid(text);
  if (at == text.size()) {
    return absl::OkStatus();
  }
  const size_t from = at > kAround ? at - kAround : 0;
  return absl::InvalidArgumentError(absl::StrFormat(
      "byte %d is 0x%02X, which is not valid UTF-8 there: %s\"%s\"%s", at,
      static_cast<unsigned char>(text[at]), from > 0 ? "..." : "",
      absl::CHexEscape(text.substr(from, 2 * kAround)),
      from + 2 * kAround < text.size() ? "..." : ""));
}

std::string Utf8FromUtf32(const std::u32string& points) {
  std::string text;
  text.reserve(points.size());
  constexpr unsigned char kLead[] = {0, 0xC0, 0xE0, 0xF0};
  for (const char32_t c : points) {
    const int following = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    text.push_back(static_cast<char>(kLead[following] | c >> 6 * following));
    for (int i = following - 1; i >= 0; --i) {
      text.push_back(static_cast<char>(0x80 | (c >> 6 * i & 0x3F)));
    }
  }
  return text;
}

std::optional<Utf8Point> ReadUtf8Point(absl::string_view text, size_t offset) {
  Utf8Point result;
  size_t end = offset;
  if (!NextPoint(text, &end, &result.point)) {
    return std::nullopt;
  }
  result.bytes = end - offset;
  return result;
}

bool ActsOnText(char32_t point) {
  struct Range {
    char32_t first, last;
  };
  constexpr Range kRanges[] = {
      {0x00, 0x1F},     {0x7F, 0x9F},      {0x061C, 0x061C}, {0x200B, 0x200B},
      {0x200E, 0x200F}, {0x2028, 0x202E},  {0x2060, 0x206F}, {0xFEFF, 0xFEFF},
      {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [point](const Range& range) {
                       return point >= range.first && point <= range.last;
                     });
}

std::string ReplaceInvalidUtf8(absl::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const std::optional<Utf8Point> point = ReadUtf8Point(text, at);
    const size_t bytes = point.has_value() ? point->bytes : 1;
    absl::StrAppend(
        &valid, point.has_value() ? text.substr(at, bytes) : "\xEF\xBF\xBD");
    at += bytes;
  }
  return valid;
}

absl::string_view WithoutByteOrderMark(absl::string_view text) {
  constexpr absl::string_view kMark = "\xEF\xBB\xBF";
  return absl::StartsWith(text, kMark) ? text.substr(kMark.size()) : text;
}

std::string PlaceInText(absl::string_view file, absl::string_view text,
                        size_t offset, int64_t first_line) {
  const absl::string_view before = text.substr(0, offset);
  // npos + 1 is 0: the first line.
  const absl::string_view line = before.substr(before.rfind('\n') + 1);
  const auto starts_point = [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) != 0x80;
  };
  return absl::StrCat(
      file, ":", first_line + std::count(before.begin(), before.end(), '\n'),
      ":", 1 + std::count_if(line.begin(), line.end(), starts_point));
}

}  // namespace transect
