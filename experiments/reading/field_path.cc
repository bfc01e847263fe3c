#include "experiments/reading/field_path.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "data/io/field_search.h"
#include "data/io/suggestion.h"
#include "experiments/reading/scalar_text.h"
#include "third_party/absl_polyfill/check.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::OneofDescriptor;

absl::StatusOr<FieldPath> FieldPath::Parse(absl::string_view path,
                                           const Descriptor& root) {
  if (path.empty()) {
    return absl::InvalidArgumentError("the path of a field is empty");
  }
  FieldPath result;
  result.text_ = std::string(path);
  const Descriptor* type = &root;
  std::vector<FieldPlace> around = {{type, ""}};
  for (absl::string_view name : absl::StrSplit(path, '.')) {
    if (type == nullptr) {
      return absl::InvalidArgumentError(absl::StrCat(
          Quoted(path), " goes on after \"", result.fields_.back()->name(),
          "\", which is a single value"));
    }
    const FieldDescriptor* field = type->FindFieldByName(std::string(name));
    if (field == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(Quoted(path), ": ", type->name(), " has no field ",
                       Quoted(name), DidYouMeanField(name, around)));
    }
    if (field->is_repeated()) {
      return absl::InvalidArgumentError(
          absl::StrCat(Quoted(path), ": \"", name,
                       "\" is a list; a path leads to a single value"));
    }
    result.fields_.push_back(field);
    type = field->message_type();
    around.push_back(
        {type, absl::StrCat(around.back().path,
                            result.fields_.size() == 1 ? "" : ".", name)});
  }
  if (type != nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(path),
                     " is a message; go on with one of its "
                     "fields",
                     DidYouMean("", FieldNames(*type))));
  }
  return result;
}

absl::StatusOr<std::string> FieldPath::Canonical(
    absl::string_view value) const {
  TRANSECT_ASSIGN_OR_RETURN(const Scalar scalar,
                            ParseScalar(*fields_.back(), value));
  return ScalarText(scalar);
}

absl::Status FieldPath::Set(absl::string_view value, Message* root) const {
  TRANSECT_CHECK(root->GetDescriptor() == fields_[0]->containing_type())
      << text_;
  TRANSECT_ASSIGN_OR_RETURN(const Scalar scalar,
                            ParseScalar(*fields_.back(), value));
  // First look, then make: a refusal leaves the message as it was.
  const Message* present = root;
  for (const FieldDescriptor* field : fields_) {
    const OneofDescriptor* oneof = field->containing_oneof();
    if (oneof != nullptr) {
      const FieldDescriptor* set =
          present->GetReflection()->GetOneofFieldDescriptor(*present, oneof);
      if (set != nullptr && set != field) {
        return absl::FailedPreconditionError(
            absl::StrCat("\"", text_, "\" enters \"", field->name(), "\", but ",
                         oneof->name(), " is \"", set->name(), "\" here"));
      }
    }
    if (field->message_type() == nullptr ||
        !present->GetReflection()->HasField(*present, field)) {
      break;
    }
    present = &present->GetReflection()->GetMessage(*present, field);
  }
  Message* parent = root;
  for (const FieldDescriptor* field : fields_) {
    if (field->message_type() == nullptr) {
      SetScalar(*field, scalar, parent);
    } else {
      parent = parent->GetReflection()->MutableMessage(parent, field);
    }
  }
  return absl::OkStatus();
}

std::optional<std::string> FieldPath::Get(const Message& root) const {
  const Message* message = &root;
  for (const FieldDescriptor* field : fields_) {
    if (!message->GetReflection()->HasField(*message, field)) {
      return std::nullopt;
    }
    if (field->message_type() == nullptr) {
      break;
    }
    message = &message->GetReflection()->GetMessage(*message, field);
  }
  return ScalarText(GetScalar(*message, *fields_.back()));
}

std::string FieldPath::GetOrDefault(const Message& root) const {
  const Message* message = &root;
  for (const FieldDescriptor* field : fields_) {
    if (field->message_type() != nullptr) {
      message = &message->GetReflection()->GetMessage(*message, field);
    }
  }
  return ScalarText(GetScalar(*message, *fields_.back()));
}

}  // namespace transect
