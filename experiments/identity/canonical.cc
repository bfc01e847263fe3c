#include "experiments/identity/canonical.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/field_options.pb.h"
#include "data/io/file.h"
#include "data/io/inert.h"
#include "experiments/reading/scalar_text.h"
#include "google/protobuf/descriptor.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;

absl::Status WriteMessage(const Message& message, std::string* path,
                          std::string* out);

// Appends "=value\n" for a scalar. A string could hold a line break and what
// follows it, hence its length.
absl::Status WriteScalar(const Scalar& value, absl::string_view path,
                         std::string* out) {
  const std::string text = ScalarText(value);
  const double* real = std::get_if<double>(&value);
  const float* single = std::get_if<float>(&value);
  if ((real != nullptr && !std::isfinite(*real)) ||
      (single != nullptr && !std::isfinite(*single))) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is ", text, ", which has no identity"));
  }
  if (std::holds_alternative<std::string>(value)) {
    absl::StrAppend(out, "=", text.size(), ":", text, "\n");
  } else {
    absl::StrAppend(out, "=", text, "\n");
  }
  return absl::OkStatus();
}

absl::string_view NameInIds(const FieldDescriptor& field) {
  return field.options().HasExtension(name_in_ids)
             ? absl::string_view(field.options().GetExtension(name_in_ids))
             : absl::string_view(field.name());
}

// A line, or a block for a message.
absl::Status WriteValue(const Message& message, const FieldDescriptor& field,
                        int index, std::string* path, std::string* out) {
  absl::StrAppend(out, NameInIds(field));
  if (field.message_type() == nullptr) {
    return WriteScalar(GetScalar(message, field, index), *path, out);
  }
  out->append("{\n");
  TRANSECT_RETURN_IF_ERROR(
      WriteMessage(GetMessage(message, field, index), path, out));
  out->append("}\n");
  return absl::OkStatus();
}

// The elements of a map are sorted, because a map has no order and its entries
// start with their key.
absl::Status WriteField(const Message& message, const FieldDescriptor& field,
                        std::string* path, std::string* out) {
  if (!field.is_repeated()) return WriteValue(message, field, 0, path, out);
  std::vector<std::string> elements(CountValues(message, field));
  for (size_t i = 0; i < elements.size(); ++i) {
    TRANSECT_RETURN_IF_ERROR(
        WriteValue(message, field, static_cast<int>(i), path, &elements[i]));
  }
  if (field.is_map()) {
    std::sort(elements.begin(), elements.end());
  }
  absl::StrAppend(out, NameInIds(field), "[", elements.size(), "\n",
                  absl::StrJoin(elements, ""), "]\n");
  return absl::OkStatus();
}

// Whether the field, which is present, says no more than specs did that were
// written before there was such a field.
bool SaysWhatOldSpecsMeant(const Message& message,
                           const FieldDescriptor& field) {
  return field.options().HasExtension(old_specs_meant) &&
         field.message_type() == nullptr && !field.is_repeated() &&
         ScalarText(GetScalar(message, field, 0)) ==
             field.options().GetExtension(old_specs_meant);
}

absl::Status WriteMessage(const Message& message, std::string* path,
                          std::string* out) {
  const Reflection& reflection = *message.GetReflection();
  const auto& unknown = reflection.GetUnknownFields(message);
  if (!unknown.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path->empty() ? message.GetTypeName() : *path,
                     " has field or value ", unknown.field(0).number(),
                     " of a schema that this program does not know"));
  }
  // ListFields gives the present ones in the order of their numbers.
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (!EntersIds(message, *field)) {
      if (field->options().HasExtension(value_in_ids)) {
        absl::StrAppend(out, NameInIds(*field), "=",
                        field->options().GetExtension(value_in_ids), "\n");
      }
      continue;
    }
    if (SaysWhatOldSpecsMeant(message, *field)) continue;
    const size_t parent_length = path->size();
    absl::StrAppend(path, path->empty() ? "" : ".", field->name());
    std::string text;
    TRANSECT_RETURN_IF_ERROR(WriteField(message, *field, path, &text));
    path->resize(parent_length);
    // A message that came later and holds nothing that enters.
    if (field->options().HasExtension(old_specs_meant) &&
        field->message_type() != nullptr &&
        text == absl::StrCat(NameInIds(*field), "{\n}\n")) {
      continue;
    }
    absl::StrAppend(out, text);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> CanonicalText(const Message& message) {
  std::string path;
  std::string text;
  TRANSECT_RETURN_IF_ERROR(WriteMessage(message, &path, &text));
  return text;
}

std::string TextDigest(absl::string_view kind, absl::string_view text) {
  return Sha256(absl::StrCat(kIdScheme, ":", kind, "\n", text))
      .substr(0, kIdDigits);
}

absl::StatusOr<std::string> SpecDigest(const Message& message,
                                       absl::string_view extra) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string text, CanonicalText(message));
  return TextDigest(message.GetTypeName(), absl::StrCat(text, "\n", extra));
}

}  // namespace transect
