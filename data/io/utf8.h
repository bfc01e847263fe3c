/// \file
/// UTF-8: checking foreign text, taking it apart into code points, and places
/// in it.
///
/// Valid means what Unicode says: no overlong forms, no surrogates, nothing
/// above U+10FFFF.
#ifndef TRANSECT_DATA_IO_UTF8_H_
#define TRANSECT_DATA_IO_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// The code points of `text`; kInvalidArgument with the byte offset of the
/// first sequence that is not valid.
absl::StatusOr<std::u32string> Utf32FromUtf8(absl::string_view text);

/// True if `text` is valid UTF-8.
bool IsUtf8(absl::string_view text);

/// kInvalidArgument if `text` is not valid UTF-8: the byte, where it is, and
/// the text around it with bytes beyond ASCII escaped.
absl::Status CheckUtf8(absl::string_view text);

/// The inverse of Utf32FromUtf8, for valid code points.
std::string Utf8FromUtf32(const std::u32string& points);

/// One code point of a text and the bytes that it takes there.
struct Utf8Point {
  char32_t point = 0;
  size_t bytes = 0;
};

/// The code point at `offset`, which is below the size of `text`; nothing where
/// the bytes there are not valid.
std::optional<Utf8Point> ReadUtf8Point(absl::string_view text, size_t offset);

/// Whether a code point acts on the text around it and is not seen itself:
/// control characters (C0, with line feed and tab, and C1), what turns the
/// direction of text, other separators of lines and paragraphs, and what has no
/// width, but for the joiners that scripts and emoji need.
bool ActsOnText(char32_t point);

/// `text` with U+FFFD for every byte that is not part of valid UTF-8.
std::string ReplaceInvalidUtf8(absl::string_view text);

/// `text` without the byte-order mark that Windows editors put before it.
absl::string_view WithoutByteOrderMark(absl::string_view text);

/// "FILE:LINE:COLUMN" of the byte at `offset`, all counted from 1, columns in
/// code points. `first_line` is the number of the line that `text` begins in.
std::string PlaceInText(absl::string_view file, absl::string_view text,
                        size_t offset, int64_t first_line = 1);

}  // namespace transect

#endif  // TRANSECT_DATA_IO_UTF8_H_
