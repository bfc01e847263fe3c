#include "launch/cli/request_flags.h"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "data/defects.h"
#include "data/io/problems.h"
#include "data/io/suggestion.h"
#include "data/spec.h"
#include "launch/describe/data_folder.h"
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
    if (absl::EndsWith(value.name(), "UNSPECIFIED")) continue;
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

// "image_missing=DROP" into `policy`; what is wrong with it, "" if nothing.
std::string SetAction(const std::string& text, DefectPolicy* policy) {
  const size_t equals = text.find('=');
  const std::string kind = text.substr(0, equals);
  std::vector<std::string> kinds;
  for (const DefectKind& each : DefectKinds()) {
    if (each.has_policy) kinds.emplace_back(each.name);
  }
  const FieldDescriptor* field = policy->GetDescriptor()->FindFieldByName(kind);
  if (field == nullptr || equals == text.npos) {
    return absl::StrCat(Quoted(text),
                        ": must be KIND=ACTION, such as image_missing=DROP",
                        DidYouMean(kind, kinds));
  }
  const std::string word = text.substr(equals + 1);
  const auto* value = field->enum_type()->FindValueByName(word);
  if (value == nullptr || value->number() == DefectPolicy::UNSPECIFIED) {
    return absl::StrCat(Quoted(text), ": the action must be ",
                        AllowedActions(FindDefectKind(kind)));
  }
  DefectPolicy wanted;
  wanted.GetReflection()->SetEnum(&wanted, field, value);
  Problems problems;
  ValidateDefectPolicy(wanted, "", &problems);
  if (!problems.empty()) {
    return absl::StrCat(Quoted(text), ": ", problems.all()[0].message);
  }
  policy->MergeFrom(wanted);
  return "";
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

void AddReadingFlags(CLI::App* verb, FoundDataset* reading) {
  AddField(verb, "--format-of-data", "format", reading,
           "Layout of the files (docs/site_file.md).");
  AddField(verb, "--sentence-field", "sentence_field", reading,
           "Field of a record from which its sentence is read, in the layouts "
           "RRSISD and JSONL.");
  AddField(verb, "--ignored-label", "ignored_label", reading,
           "Gray value of the pixels of mask files that do not count, 1 to "
           "255; 0: there are none.");
}

void AddPolicyFlag(CLI::App* verb, DefectPolicy* policy) {
  verb->add_option_function<std::vector<std::string>>(
          "--policy",
          [policy](const std::vector<std::string>& all) {
            for (const std::string& each : all) {
              const std::string problem = SetAction(each, policy);
              if (!problem.empty()) {
                throw CLI::ValidationError("--policy", problem);
              }
            }
          },
          "What becomes of defective records, KIND=ACTION such as "
          "image_missing=DROP; `transect data check` lists the kinds and their "
          "actions. Repeatable.")
      ->allow_extra_args(false);
}

absl::Status CheckReading(const FoundDataset& reading,
                          const std::string& root) {
  Problems problems;
  ValidateReading(reading, "", &problems);
  if (problems.empty()) {
    const auto layout =
        HasLayout(root, reading.format()) ? std::nullopt : LayoutOf(root);
    if (!layout.has_value()) return absl::OkStatus();
    const std::string& name = FoundDataset::Format_Name(*layout);
    return absl::InvalidArgumentError(
        absl::StrCat(root, ": has the files of the layout ", name, ", not of ",
                     FoundDataset::Format_Name(reading.format()),
                     "; add --format-of-data ", name));
  }
  // "--sentence-field is RAW, must be ..."; the layout is one of the words.
  std::vector<std::string> lines;
  for (const Problem& problem : problems.all()) {
    lines.push_back(
        absl::StrCat("--", absl::StrReplaceAll(problem.field, {{"_", "-"}}),
                     " ", problem.message));
  }
  return absl::InvalidArgumentError(
      absl::StrReplaceAll(absl::StrJoin(lines, "; "),
                          {{"where format is", "where the layout is"}}));
}

}  // namespace transect
