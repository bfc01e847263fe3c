/// \file
/// Files that lie where another file is expected: what a download or a clone
/// leaves when it did not bring the file itself.
#ifndef TRANSECT_DATA_IO_STAND_IN_H_
#define TRANSECT_DATA_IO_STAND_IN_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace transect {

/// Bytes from the beginning of a file that StandInText needs.
inline constexpr size_t kStandInHead = 512;

/// What a file is that begins with `head` (kStandInHead bytes, or all of a
/// shorter file): an empty file, a pointer of Git LFS or git-annex, a web page,
/// an answer of a server, an archive. Goes on after "FILE: " and ends with what
/// to do; "" where it is none of them.
std::string StandInText(absl::string_view head);

}  // namespace transect

#endif  // TRANSECT_DATA_IO_STAND_IN_H_
