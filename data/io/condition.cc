#include "data/io/condition.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

std::string TextOf(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM:
      return reflection.GetEnum(message, &field)->name();
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.GetBool(message, &field) ? "true" : "false";
    case FieldDescriptor::CPPTYPE_INT32:
      return absl::StrCat(reflection.GetInt32(message, &field));
    case FieldDescriptor::CPPTYPE_INT64:
      return absl::StrCat(reflection.GetInt64(message, &field));
    default:
      break;
  }
  TRANSECT_CHECK(false) << field.full_name()
                        << " cannot be the field of an a condition";
  return "";
}

}  // namespace

bool HoldsIn(const Message& message, const InertWhen& condition) {
  const FieldDescriptor* field =
      message.GetDescriptor()->FindFieldByName(condition.field());
  TRANSECT_CHECK(field != nullptr)
      << message.GetTypeName() << "." << condition.field()
      << ", named by a condition, does not exist";
  if (!message.GetReflection()->HasField(message, field)) return false;
  const std::string text = TextOf(message, *field);
  return std::find(condition.value().begin(), condition.value().end(), text) !=
         condition.value().end();
}

bool EntersIds(const Message& message, const FieldDescriptor& field) {
  const auto& options = field.options();
  if (!options.GetExtension(operational)) return true;
  for (int i = 0; i < options.ExtensionSize(in_ids_when); ++i) {
    if (HoldsIn(message, options.GetExtension(in_ids_when, i))) return true;
  }
  return false;
}

}  // namespace transect
