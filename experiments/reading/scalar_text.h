/// \file
/// Single values of protobuf fields as text, both ways.
///
/// The text is canonical: numbers with the fewest digits that read back the
/// same and without a sign before a zero, enumerators by name, booleans as true
/// and false, strings without quotes. Two values are equal exactly if their
/// texts are; identities and the comparison of axis values rest on that.
#ifndef TRANSECT_EXPERIMENTS_READING_SCALAR_TEXT_H_
#define TRANSECT_EXPERIMENTS_READING_SCALAR_TEXT_H_

#include <cstdint>
#include <string>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace transect {

/// A value of any scalar or enum type; which alternative a field takes is its
/// cpp_type, the narrower numbers being held by the wider ones.
using Scalar =
    std::variant<int64_t, uint64_t, double, float, bool,
                 const google::protobuf::EnumValueDescriptor*, std::string>;

/// Reads `text` as a value of `field`. Errors (kInvalidArgument) say what was
/// read and what is allowed: a number out of the type's range, not finite, not
/// a number at all, an unknown enumerator with the nearest ones.
absl::StatusOr<Scalar> ParseScalar(
    const google::protobuf::FieldDescriptor& field, absl::string_view text);

/// The canonical text of `value`.
std::string ScalarText(const Scalar& value);

/// The value of a singular field of `message`, its default if it is absent; of
/// a repeated one element `index`.
Scalar GetScalar(const google::protobuf::Message& message,
                 const google::protobuf::FieldDescriptor& field, int index = 0);

/// The same for a field of messages.
const google::protobuf::Message& GetMessage(
    const google::protobuf::Message& message,
    const google::protobuf::FieldDescriptor& field, int index);

/// How many values `message` has in `field`: 0 or 1 where it is singular.
int CountValues(const google::protobuf::Message& message,
                const google::protobuf::FieldDescriptor& field);

/// The path of a value in the message at `path`: "training.steps",
/// "weights.parts[1]".
std::string ValuePath(absl::string_view path,
                      const google::protobuf::FieldDescriptor& field,
                      int index);

/// Sets a singular field. `value` must come from ParseScalar or GetScalar of a
/// field of the same type.
void SetScalar(const google::protobuf::FieldDescriptor& field,
               const Scalar& value, google::protobuf::Message* message);

/// Adds to a repeated field; `value` as for SetScalar.
void AddScalar(const google::protobuf::FieldDescriptor& field,
               const Scalar& value, google::protobuf::Message* message);

}  // namespace transect

#endif  // TRANSECT_EXPERIMENTS_READING_SCALAR_TEXT_H_
