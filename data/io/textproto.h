/// \file
/// Protobuf text files: strict reading with located errors, deterministic
/// printing.
///
/// Strict means: unknown fields and enumerators, a field given twice, two
/// members of a oneof and trailing text are errors. Each error reads
/// `file:line:column: message`, positions counted from 1; an unknown field or
/// enumerator comes with the nearest name that the schema has.
#ifndef TRANSECT_DATA_IO_TEXTPROTO_H_
#define TRANSECT_DATA_IO_TEXTPROTO_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "google/protobuf/message.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

/// Largest text file that is read, in bytes.
inline constexpr int64_t kMaxTextprotoBytes = int64_t{64} << 20;

/// Parses `text` into `message`, which is cleared first. `file_name` is what
/// errors print. All errors that the parser finds are in the one
/// kInvalidArgument status, a line each; protobuf's parser stops at the first
/// error of structure.
absl::Status ParseTextproto(absl::string_view text, absl::string_view file_name,
                            google::protobuf::Message* message);

/// Reads a text file as a message of type T.
template <typename T>
absl::StatusOr<T> ReadTextproto(const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                            ReadFile(path, kMaxTextprotoBytes));
  T message;
  TRANSECT_RETURN_IF_ERROR(ParseTextproto(text, path, &message));
  return message;
}

/// Prints `message`: fields in order of their numbers, an indent of two spaces,
/// numbers with the fewest digits that read back the same, repeated numbers as
/// [1, 2], UTF-8 left readable. Equal messages print equally.
std::string PrintTextproto(const google::protobuf::Message& message);

/// Writes PrintTextproto(message) by WriteFileAtomic.
absl::Status WriteTextprotoAtomic(const std::string& path,
                                  const google::protobuf::Message& message);

}  // namespace transect

#endif  // TRANSECT_DATA_IO_TEXTPROTO_H_
