// What pickles hold as text: the strings of Python 2, the arguments of protocol
// 0, and the names of what a pickle would make. Internal to the reader.
#ifndef TRANSECT_DATA_ANNOTATIONS_PICKLE_TEXT_H_
#define TRANSECT_DATA_ANNOTATIONS_PICKLE_TEXT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

// Bytes as Latin-1, of which ASCII is a part.
std::string Utf8FromLatin1(absl::string_view bytes);

// Argument of STRING: a literal of Python 2, quoted and escaped, as Latin-1.
absl::StatusOr<std::string> TextOfLiteral(absl::string_view literal);

// Argument of UNICODE: Latin-1 with \uXXXX and \UXXXXXXXX.
absl::StatusOr<std::string> TextOfUnicode(absl::string_view escaped);

// Argument of INT ("7") or LONG ("7L").
absl::StatusOr<int64_t> IntegerOfLine(absl::string_view line);

// What a pickle that looks up `name` in `module` holds and what to do about it,
// such as "it holds a numpy scalar (numpy.core.multiarray.scalar): put int(...)
// around such integers before pickle.dump".
std::string WhatIsLookedUp(absl::string_view module, absl::string_view name);

}  // namespace transect

#endif  // TRANSECT_DATA_ANNOTATIONS_PICKLE_TEXT_H_
