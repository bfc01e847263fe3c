#include "launch/cli/request_flags.h"

#include <cstdint>
#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

enum class Words { kAsInSchema, kLowerCase };

const FieldDescriptor* FindField(const Message& message,
                                 const std::string& name) {
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(name);
  TRANSECT_CHECK(field != nullptr)
      << message.GetTypeName() << " has no field " << name;
  return field;
}

std::string Word(const google::protobuf::EnumValueDescriptor& value,
                 Words words) {
  return words == Words::kLowerCase ? absl::AsciiStrToLower(value.name())
                                    : value.name();
}

std::string WithDefault(const std::string& about, const std::string& value) {
  return absl::StrCat(about, " Default: ", value, ".");
}

CLI::Option* AddEnum(CLI::App* verb, const std::string& name,
                     const FieldDescriptor* field, Message* message,
                     const std::string& about, Words words) {
  std::vector<std::string> names;
  std::map<std::string, int> numbers;
  for (int i = 0; i < field->enum_type()->value_count(); ++i) {
    const auto& value = *field->enum_type()->value(i);
    if (value.name() == "UNSPECIFIED") continue;
    names.push_back(Word(value, words));
    numbers[names.back()] = value.number();
  }
  return verb
      ->add_option_function<std::string>(
          name,
          [field, message, numbers](const std::string& word) {
            message->GetReflection()->SetEnumValue(message, field,
                                                   numbers.at(word));
          },
          WithDefault(about, Word(*field->default_value_enum(), words)))
      ->check(CLI::IsMember(names));
}

}  // namespace

CLI::Option* AddField(CLI::App* verb, const std::string& name,
                      const std::string& field_name, Message* message,
                      const std::string& about) {
  const FieldDescriptor* field = FindField(*message, field_name);
  const Reflection* reflection = message->GetReflection();
  if (field->is_repeated()) {
    TRANSECT_CHECK(field->cpp_type() == FieldDescriptor::CPPTYPE_STRING);
    return verb->add_option_function<std::vector<std::string>>(
        name,
        [=](const std::vector<std::string>& values) {
          for (const std::string& value : values) {
            reflection->AddString(message, field, value);
          }
        },
        about);
  }
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return verb->add_option_function<std::string>(
          name,
          [=](const std::string& value) {
            if (!value.empty()) reflection->SetString(message, field, value);
          },
          about);
    case FieldDescriptor::CPPTYPE_INT32:
      return verb->add_option_function<int32_t>(
          name,
          [=](const int32_t& value) {
            reflection->SetInt32(message, field, value);
          },
          WithDefault(about, absl::StrCat(field->default_value_int32())));
    default:
      TRANSECT_CHECK(field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM);
      return AddEnum(verb, name, field, message, about, Words::kAsInSchema);
  }
}

CLI::Option* AddFlagField(CLI::App* verb, const std::string& name,
                          const std::string& field_name, Message* message,
                          const std::string& about) {
  const FieldDescriptor* field = FindField(*message, field_name);
  TRANSECT_CHECK(field->cpp_type() == FieldDescriptor::CPPTYPE_BOOL);
  return verb->add_flag_callback(
      name,
      [message, field] {
        message->GetReflection()->SetBool(message, field, true);
      },
      about);
}

CLI::Option* AddFormatField(CLI::App* verb, const std::string& field,
                            Message* message, const std::string& about) {
  return AddEnum(verb, "--format", FindField(*message, field), message, about,
                 Words::kLowerCase);
}

}  // namespace transect
