#include "experiments/reading/field_help.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "data/io/field_options.pb.h"
#include "data/io/suggestion.h"
#include "experiments/reading/field_path.h"
#include "experiments/reading/scalar_text.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "third_party/absl_polyfill/check.h"

namespace transect {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::DescriptorPool;
using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::SourceLocation;

// A FileDescriptorSet with source information.
constexpr unsigned char kSchema[] = {
#include "experiments/experiment_descriptor_set.inc"
};

const DescriptorPool& Schema() {
  static const DescriptorPool* const schema = [] {
    google::protobuf::FileDescriptorSet files;
    TRANSECT_CHECK(files.ParseFromArray(kSchema, sizeof(kSchema)));
    auto* pool = new DescriptorPool;
    for (const auto& file : files.file()) {
      TRANSECT_CHECK(pool->BuildFile(file) != nullptr) << file.name();
    }
    return pool;
  }();
  return *schema;
}

const Descriptor& Root(const char* name) {
  const Descriptor* type = Schema().FindMessageTypeByName(name);
  TRANSECT_CHECK(type != nullptr) << name;
  return *type;
}

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

std::string HelpOf(absl::string_view path, const FieldDescriptor& field) {
  std::string text =
      absl::StrCat(path, ": ", TypeText(field), DefaultText(field), "\n");
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

// "design[0]" as "design".
absl::string_view WithoutIndex(absl::string_view name) {
  const size_t bracket = name.find('[');
  return bracket != 0 && bracket != absl::string_view::npos &&
                 name.back() == ']'
             ? name.substr(0, bracket)
             : name;
}

// The field at `path`; null where there is none.
const FieldDescriptor* FindField(absl::string_view path,
                                 const Descriptor& root) {
  const Descriptor* type = &root;
  const FieldDescriptor* field = nullptr;
  for (absl::string_view name : absl::StrSplit(path, '.')) {
    field =
        type == nullptr ? nullptr : type->FindFieldByName(std::string(name));
    if (field == nullptr) {
      return nullptr;
    }
    type = field->message_type();
  }
  return field;
}

// A line of the comment, as far as its first sentence goes.
std::string FirstSentence(const FieldDescriptor& field) {
  const std::string comment = absl::StrJoin(Comment(field), " ");
  const size_t end = comment.find(". ");
  return end == std::string::npos ? comment : comment.substr(0, end + 1);
}

// Of the fields of a run whose paths end with `end`; "" if there are none.
std::string HelpOfEnding(absl::string_view end, const Descriptor& run) {
  const std::vector<std::string> paths = PathsEndingWith(end, run);
  if (paths.size() == 1) {
    return HelpOf(paths[0], *FindField(paths[0], run));
  }
  if (paths.empty()) {
    return "";
  }
  std::string text = absl::StrCat(paths.size(), " fields of a run end with ",
                                  Quoted(end), ":\n");
  for (const std::string& path : paths) {
    const FieldDescriptor& field = *FindField(path, run);
    absl::StrAppend(&text, "\n  ", path, ": ", TypeText(field),
                    DefaultText(field), "\n    ", FirstSentence(field), "\n");
  }
  return text;
}

// Whether a text names one of the points S1 to S28.
bool NamesAPoint(absl::string_view text) {
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (text[i] == 'S' && absl::ascii_isdigit(text[i + 1]) &&
        (i == 0 || !absl::ascii_isalnum(text[i - 1]))) {
      return true;
    }
  }
  return false;
}

absl::StatusOr<std::string> HelpOfPath(absl::string_view path) {
  const Descriptor& experiment = Root("transect.Experiment");
  const Descriptor& run = Root("transect.RunSpec");
  if (path.empty()) {
    std::string text = "An experiment has:\n";
    AppendFields(experiment, &text);
    absl::StrAppend(&text, "\nA run, such as its base, has:\n");
    AppendFields(run, &text);
    return text;
  }
  const FieldDescriptor* field = nullptr;
  for (absl::string_view part : absl::StrSplit(path, '.')) {
    const std::string name(WithoutIndex(part));
    const FieldDescriptor* next = nullptr;
    std::vector<std::string> names;
    if (field == nullptr) {
      next = run.FindFieldByName(name);
      next = next == nullptr ? experiment.FindFieldByName(name) : next;
      names = FieldNames(run);
      const std::vector<std::string> more = FieldNames(experiment);
      names.insert(names.end(), more.begin(), more.end());
    } else if (field->message_type() != nullptr) {
      next = field->message_type()->FindFieldByName(name);
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat(Quoted(path), " goes on after \"", field->name(),
                       "\", which is a single value"));
    }
    if (next == nullptr && field == nullptr) {
      const std::string text = HelpOfEnding(path, run);
      if (!text.empty()) {
        return text;
      }
      if (!NearNames(name, names).empty()) {
        return absl::InvalidArgumentError(absl::StrCat(
            Quoted(path), ": neither a run nor an experiment has a field ",
            Quoted(name), DidYouMean(name, names)));
      }
    }
    if (next == nullptr) {
      const Descriptor& type = field == nullptr ? run : *field->message_type();
      return absl::InvalidArgumentError(absl::StrCat(
          Quoted(path), ": ", NoSuchField(name, type, run).message()));
    }
    field = next;
  }
  return HelpOf(path, *field);
}

}  // namespace

absl::StatusOr<std::string> FieldHelp(absl::string_view path) {
  absl::StatusOr<std::string> text = HelpOfPath(path);
  if (text.ok() && NamesAPoint(*text)) {
    absl::StrAppend(&*text,
                    "\nS and a number: a point on which the RSRefSeg paper and "
                    "its released code\ndisagree; docs/variants.md lists "
                    "them.\n");
  }
  return text;
}

}  // namespace transect
