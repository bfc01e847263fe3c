/// \file
/// UTF-8: checking foreign text and taking it apart into code points.
///
/// Valid means what Unicode says: no overlong forms, no surrogates, nothing
/// above U+10FFFF.
#ifndef TRANSECT_DATA_IO_UTF8_H_
#define TRANSECT_DATA_IO_UTF8_H_

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

}  // namespace transect

#endif  // TRANSECT_DATA_IO_UTF8_H_
