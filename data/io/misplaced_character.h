/// \file
/// Characters that look like those of a text file of Protobuf and are not: what
/// a page or a word processor makes of quotes, spaces and dashes.
#ifndef TRANSECT_DATA_IO_MISPLACED_CHARACTER_H_
#define TRANSECT_DATA_IO_MISPLACED_CHARACTER_H_

#include <cstddef>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace transect {

/// What is wrong with the character at `offset`, and what to type.
struct MisplacedCharacter {
  size_t offset = 0;
  std::string message;
};

/// The first character of `text`, a text file of Protobuf, that may not stand
/// where it does: anything but ASCII outside of quotes and comments, a control
/// character there, and a typographic quote where a string does not end in its
/// line. Nothing where there is none; then errors are the parser's business.
std::optional<MisplacedCharacter> FindMisplacedCharacter(
    absl::string_view text);

}  // namespace transect

#endif  // TRANSECT_DATA_IO_MISPLACED_CHARACTER_H_
