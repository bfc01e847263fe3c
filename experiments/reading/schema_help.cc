#include "experiments/reading/schema_help.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "data/io/field_options.pb.h"
#include "experiments/reading/scalar_text.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::SourceLocation;

// The comment before it, line by line.
template <typename T>
std::vector<std::string> Comment(const T& descriptor) {
  SourceLocation location;
  if (!descriptor.GetSourceLocation(&location)) {
    return {};
  }
  std::vector<std::string> lines;
  for (absl::string_view line : absl::StrSplit(
           absl::StripAsciiWhitespace(location.leading_comments), '\n')) {
    lines.push_back(std::string(absl::StripAsciiWhitespace(line)));
  }
  return lines;
}

template <typename T>
void AppendComment(const T& descriptor, absl::string_view indent,
                   std::string* text) {
  for (const std::string& line : Comment(descriptor)) {
    absl::StrAppend(text, indent, line, "\n");
  }
}

std::string TypeText(const FieldDescriptor& field) {
  std::string type =
      field.message_type() != nullptr ? field.message_type()->name()
      : field.enum_type() != nullptr  ? field.enum_type()->name()
                                      : std::string(field.type_name());
  return field.is_repeated() ? absl::StrCat("list of ", type) : type;
}

std::string DefaultText(const FieldDescriptor& field) {
  if (!field.has_default_value()) {
    return "";
  }
  google::protobuf::DynamicMessageFactory factory;
  return absl::StrCat(
      ", default ",
      ScalarText(
          GetScalar(*factory.GetPrototype(field.containing_type()), field)));
}

void AppendFields(const Descriptor& type, std::string* text) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    absl::StrAppend(text, "\n  ", field.name(), ": ", TypeText(field),
                    DefaultText(field), "\n");
    AppendComment(field, "    ", text);
  }
}

void AppendNames(const EnumDescriptor& type, std::string* text) {
  for (int i = 0; i < type.value_count(); ++i) {
    // Stands for absence; no file says it.
    if (type.value(i)->number() != 0) {
      absl::StrAppend(text, "\n  ", type.value(i)->name(), "\n");
      AppendComment(*type.value(i), "    ", text);
    }
  }
}

}  // namespace

const Descriptor& DocumentedSchema::Find(const std::string& type) const {
  const Descriptor* const found = pool_.FindMessageTypeByName(type);
  TRANSECT_CHECK(found != nullptr) << type;
  return *found;
}

DocumentedSchema::DocumentedSchema(absl::Span<const unsigned char> files) {
  google::protobuf::FileDescriptorSet set;
  TRANSECT_CHECK(
      set.ParseFromArray(files.data(), static_cast<int>(files.size())));
  for (const auto& file : set.file()) {
    TRANSECT_CHECK(pool_.BuildFile(file) != nullptr) << file.name();
  }
}

std::string HelpOfFields(const Descriptor& type) {
  std::string text;
  AppendFields(type, &text);
  return text;
}

std::string FirstSentence(const FieldDescriptor& field) {
  const std::string comment = absl::StrJoin(Comment(field), " ");
  const size_t end = comment.find(". ");
  return end == std::string::npos ? comment : comment.substr(0, end + 1);
}

std::string FieldHeadline(absl::string_view path,
                          const FieldDescriptor& field) {
  return absl::StrCat(path, ": ", TypeText(field), DefaultText(field));
}

std::string HelpOfField(absl::string_view path, const FieldDescriptor& field) {
  std::string text = absl::StrCat(FieldHeadline(path, field), "\n");
  AppendComment(field, "", &text);
  if (field.options().GetExtension(operational)) {
    std::vector<std::string> exceptions;
    for (int i = 0; i < field.options().ExtensionSize(in_ids_when); ++i) {
      const InertWhen& when = field.options().GetExtension(in_ids_when, i);
      exceptions.push_back(absl::StrCat(when.field(), " is ",
                                        absl::StrJoin(when.value(), " or ")));
    }
    absl::StrAppend(&text, "Cannot change a result and enters no id",
                    exceptions.empty() ? "" : ", but where ",
                    absl::StrJoin(exceptions, " or "), ".\n");
  }
  for (int i = 0; i < field.options().ExtensionSize(inert_when); ++i) {
    const InertWhen& when = field.options().GetExtension(inert_when, i);
    absl::StrAppend(&text, "Cannot change a result, and is erased, where ",
                    when.has_within() ? when.within() : "",
                    when.has_within() ? "." : "", when.field(), " is ",
                    absl::StrJoin(when.value(), " or "), ".\n");
  }
  if (const auto* oneof = field.real_containing_oneof(); oneof != nullptr) {
    absl::StrAppend(&text, "At most one of");
    for (int i = 0; i < oneof->field_count(); ++i) {
      absl::StrAppend(&text, i == 0 ? " " : ", ", oneof->field(i)->name());
    }
    absl::StrAppend(&text, " can be set.\n");
  }
  if (field.enum_type() != nullptr) {
    AppendNames(*field.enum_type(), &text);
  } else if (field.message_type() != nullptr) {
    AppendFields(*field.message_type(), &text);
  }
  return text;
}

}  // namespace transect
