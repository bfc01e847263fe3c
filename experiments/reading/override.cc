#include "experiments/reading/override.h"

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "data/io/suggestion.h"
#include "data/io/textproto.h"
#include "experiments/reading/field_path.h"
#include "experiments/reading/merge.h"
#include "experiments/reading/scalar_text.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

constexpr absl::string_view kBase = "base.";

// An assignment that fits the schema.
struct Override {
  std::string path;
  std::string value;
  RunSpec set;
};

// The fields on the way to what `path` names.
absl::StatusOr<std::vector<const FieldDescriptor*>> FindField(
    absl::string_view path) {
  std::vector<const FieldDescriptor*> fields;
  const Descriptor* type = RunSpec::descriptor();
  for (absl::string_view name : absl::StrSplit(path, '.')) {
    if (type == nullptr || (!fields.empty() && fields.back()->is_repeated())) {
      return absl::InvalidArgumentError(absl::StrCat(
          Quoted(path), " goes on after \"", fields.back()->name(), "\", ",
          type == nullptr ? "which is a single value"
                          : "a list; set it as a whole"));
    }
    const FieldDescriptor* field = type->FindFieldByName(std::string(name));
    if (field == nullptr) {
      return NoSuchField(name, *type, *RunSpec::descriptor());
    }
    fields.push_back(field);
    type = field->message_type();
  }
  return fields;
}

// `field: value` as an experiment file has it. The errors of the parser name a
// line and a column of this text, which no one wrote.
absl::Status ParseValue(const FieldDescriptor& field, absl::string_view value,
                        Message* parent) {
  const std::string text = absl::StrCat(field.name(), ": ", value);
  const absl::Status parsed = ParseTextproto(text, "", parent);
  if (parsed.ok()) {
    // Not what follows, where `value` closes the field and goes on.
    std::vector<const FieldDescriptor*> present;
    parent->GetReflection()->ListFields(*parent, &present);
    const bool one = !field.is_repeated() || absl::StartsWith(value, "[") ||
                     parent->GetReflection()->FieldSize(*parent, &field) == 1;
    if (present.size() == 1 && present[0] == &field && one) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(value), " is not one value"));
  }
  absl::string_view message = absl::string_view(parsed.message())
                                  .substr(0, parsed.message().find('\n'));
  // ":LINE:COLUMN: "
  const size_t end = message.find(": ");
  if (absl::StartsWith(message, ":") && end != absl::string_view::npos) {
    message.remove_prefix(end + 2);
  }
  return absl::InvalidArgumentError(absl::StrCat(Quoted(value), ": ", message));
}

absl::StatusOr<Override> ReadOverride(absl::string_view assignment) {
  const size_t equals = assignment.find('=');
  if (equals == absl::string_view::npos) {
    return absl::InvalidArgumentError(
        "has no '='; say PATH=VALUE, such as training.optimizer.lr=3e-4");
  }
  Override result;
  result.path =
      std::string(absl::StripAsciiWhitespace(assignment.substr(0, equals)));
  // As it stands in an experiment, and as `help` takes it.
  if (absl::StartsWith(result.path, kBase)) {
    result.path = result.path.substr(kBase.size());
  }
  result.value =
      std::string(absl::StripAsciiWhitespace(assignment.substr(equals + 1)));
  TRANSECT_ASSIGN_OR_RETURN(const std::vector<const FieldDescriptor*> fields,
                            FindField(result.path));
  Message* parent = &result.set;
  for (const FieldDescriptor* field : fields) {
    if (field != fields.back()) {
      parent = parent->GetReflection()->MutableMessage(parent, field);
    }
  }
  const FieldDescriptor& field = *fields.back();
  const bool quoted = absl::StartsWith(result.value, "\"") ||
                      absl::StartsWith(result.value, "'");
  if (field.is_repeated() || field.message_type() != nullptr || quoted) {
    TRANSECT_RETURN_IF_ERROR(ParseValue(field, result.value, parent));
  } else {
    TRANSECT_ASSIGN_OR_RETURN(const Scalar scalar,
                              ParseScalar(field, result.value));
    SetScalar(field, scalar, parent);
  }
  return result;
}

// Whether one names the field of the other, or a field in it.
bool Overlap(absl::string_view a, absl::string_view b) {
  return a == b || absl::StartsWith(a, absl::StrCat(b, ".")) ||
         absl::StartsWith(b, absl::StrCat(a, "."));
}

}  // namespace

absl::Status ApplyOverrides(absl::Span<const std::string> assignments,
                            Experiment* experiment, SourceMap* sources) {
  std::vector<Override> overrides;
  std::vector<std::string> problems;
  for (const std::string& assignment : assignments) {
    absl::StatusOr<Override> next = ReadOverride(assignment);
    if (!next.ok()) {
      problems.push_back(absl::StrCat("--set ", Quoted(assignment), ": ",
                                      next.status().message()));
      continue;
    }
    for (const Override& other : overrides) {
      if (Overlap(next->path, other.path)) {
        problems.push_back(absl::StrCat("--set ", Quoted(assignment), ": ",
                                        other.path, " is set before it"));
      }
    }
    overrides.push_back(*std::move(next));
  }
  if (!problems.empty()) {
    return absl::InvalidArgumentError(absl::StrJoin(problems, "\n"));
  }
  for (const Override& each : overrides) {
    MergeOver(each.set, experiment->mutable_base());
    if (sources != nullptr) {
      sources->Replace(absl::StrCat("base.", each.path), "--set");
    }
  }
  if (!overrides.empty()) {
    experiment->set_title(absl::StrCat(
        experiment->title().empty() ? experiment->name() : experiment->title(),
        ", with ",
        absl::StrJoin(overrides, ", ",
                      [](std::string* out, const Override& each) {
                        absl::StrAppend(out, each.path, "=", each.value);
                      })));
  }
  return absl::OkStatus();
}

}  // namespace transect
