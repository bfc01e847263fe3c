/// \file
/// Protobuf text files: strict reading with located errors, deterministic
/// printing.
///
/// Strict means: unknown fields and enumerators, a field given twice, two
/// members of a oneof and trailing text are errors. Each error reads
/// `file:line:column: message`, positions counted from 1, columns in code
/// points; an unknown field or enumerator comes with the nearest name that the
/// schema has.
///
/// A byte-order mark before the text is skipped, and a number -0 is read as 0,
/// which is the same value.
#ifndef TRANSECT_DATA_IO_TEXTPROTO_H_
#define TRANSECT_DATA_IO_TEXTPROTO_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

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
/// error of structure. Where the text has a typographic quote, a no-break space
/// or another character that may not stand outside of quotes, or is a web page
/// or a pointer in place of the file (stand_in.h), the one error is that.
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

/// Places of tokens in a text, as Protobuf's tokenizer counts them.
class TokenPlaces {
 public:
  /// `text` must outlive this; `file` is what places print.
  TokenPlaces(absl::string_view text, absl::string_view file);

  /// `file:line:column` as errors have it, of a token for which the tokenizer
  /// says `line` and `column`: from 0, in bytes, a tab reaching to the next
  /// multiple of 8.
  std::string At(int line, int column) const;

  /// The byte of that token.
  size_t OffsetOf(int line, int column) const;

 private:
  absl::string_view text_;
  std::string file_;
  std::vector<size_t> line_starts_;
};

/// Prints `message`: fields in order of their numbers, an indent of two spaces,
/// numbers with the fewest digits that read back the same, repeated numbers as
/// [1, 2], UTF-8 left readable, but for what acts on text (ActsOnText) and
/// bytes that are not UTF-8, which are escaped. Equal messages print equally.
std::string PrintTextproto(const google::protobuf::Message& message);

/// Writes PrintTextproto(message) by WriteFileAtomic.
absl::Status WriteTextprotoAtomic(const std::string& path,
                                  const google::protobuf::Message& message);

}  // namespace transect

#endif  // TRANSECT_DATA_IO_TEXTPROTO_H_
