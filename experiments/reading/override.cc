#include "experiments/reading/override.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "data/io/field_search.h"
#include "data/io/suggestion.h"
#include "data/io/textproto.h"
#include "experiments/reading/field_path.h"
#include "experiments/reading/list_text.h"
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
constexpr absl::string_view kSeeds = "seeds";
constexpr absl::string_view kAxis = "axis";

// An assignment that fits the schema.
struct Override {
  // Without "base.": what two assignments may not both write.
  std::string path;
  std::string value;
  // The field of the experiment whose place it becomes.
  std::string field;
  // What is merged over the experiment.
  Experiment set;
  // What replaces the axis of that index.
  std::optional<std::pair<int, Axis>> axis;
};

// The fields on the way to what `path` names.
absl::StatusOr<std::vector<const FieldDescriptor*>> FieldsOnTheWay(
    absl::string_view path) {
  std::vector<const FieldDescriptor*> fields;
  const Descriptor* type = RunSpec::descriptor();
  std::vector<FieldPlace> around = {{type, "base"}};
  for (absl::string_view name : absl::StrSplit(path, '.')) {
    if (type == nullptr || (!fields.empty() && fields.back()->is_repeated())) {
      return absl::InvalidArgumentError(absl::StrCat(
          Quoted(path), " goes on after \"", fields.back()->name(), "\", ",
          type == nullptr ? "which is a single value"
                          : "a list; set it as a whole"));
    }
    const FieldDescriptor* field = type->FindFieldByName(std::string(name));
    if (field == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(type->name(), " has no field ", Quoted(name),
                       DidYouMeanField(name, around)));
    }
    fields.push_back(field);
    type = field->message_type();
    around.push_back({type, absl::StrCat(around.back().path, ".", name)});
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

// Reads `text` into a field of `parent`.
absl::Status ReadInto(const FieldDescriptor& field, absl::string_view text,
                      Message* parent) {
  if (field.message_type() != nullptr) {
    return ParseValue(field, text, parent);
  }
  if (field.is_repeated()) {
    TRANSECT_ASSIGN_OR_RETURN(const std::vector<std::string> values,
                              SplitList(text));
    for (const std::string& value : values) {
      TRANSECT_ASSIGN_OR_RETURN(const Scalar scalar, ParseScalar(field, value));
      AddScalar(field, scalar, parent);
    }
    return absl::OkStatus();
  }
  if (absl::StartsWith(text, "\"") || absl::StartsWith(text, "'")) {
    return ParseValue(field, text, parent);
  }
  TRANSECT_ASSIGN_OR_RETURN(const Scalar scalar, ParseScalar(field, text));
  SetScalar(field, scalar, parent);
  return absl::OkStatus();
}

// Reads one assignment after the other.
class OverrideReader {
 public:
  OverrideReader(const Experiment& experiment, const SourceMap* sources)
      : experiment_(experiment), sources_(sources) {}

  absl::StatusOr<Override> Read(absl::string_view assignment) const {
    const size_t equals = assignment.find('=');
    if (equals == absl::string_view::npos) {
      return absl::InvalidArgumentError(
          "has no '='; say PATH=VALUE, such as training.optimizer.lr=3e-4, "
          "seeds=1,2 or axis.NAME.values=8,16");
    }
    Override result;
    result.path =
        std::string(absl::StripAsciiWhitespace(assignment.substr(0, equals)));
    result.value =
        std::string(absl::StripAsciiWhitespace(assignment.substr(equals + 1)));
    if (result.path == kSeeds) {
      result.field = result.path;
      TRANSECT_RETURN_IF_ERROR(
          ReadInto(*Experiment::descriptor()->FindFieldByName(result.path),
                   result.value, &result.set));
    } else if (FirstName(result.path) == kAxis) {
      TRANSECT_RETURN_IF_ERROR(ReadAxis(&result));
    } else {
      TRANSECT_RETURN_IF_ERROR(ReadBase(&result));
    }
    return result;
  }

 private:
  // "axis" of "axis.rank" and of "axis[0]".
  static absl::string_view FirstName(absl::string_view path) {
    return path.substr(0, path.find_first_of(".["));
  }

  absl::Status ReadBase(Override* result) const {
    // As it stands in an experiment, and as `help` takes it.
    if (absl::StartsWith(result->path, kBase)) {
      result->path = result->path.substr(kBase.size());
    } else {
      TRANSECT_RETURN_IF_ERROR(CheckIsOfRun(result->path, result->value));
    }
    result->field = absl::StrCat(kBase, result->path);
    TRANSECT_ASSIGN_OR_RETURN(const std::vector<const FieldDescriptor*> fields,
                              FieldsOnTheWay(result->path));
    Message* parent = result->set.mutable_base();
    for (const FieldDescriptor* field : fields) {
      if (field != fields.back()) {
        parent = parent->GetReflection()->MutableMessage(parent, field);
      }
    }
    if (result->path == "seed" && !experiment_.seeds().empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the experiment's `seeds` set it for every run; say --set seeds=",
          result->value));
    }
    return ReadInto(*fields.back(), result->value, parent);
  }

  // Refuses what is no field of a run and may be meant for something else.
  absl::Status CheckIsOfRun(absl::string_view path,
                            absl::string_view value) const {
    const std::string first(FirstName(path));
    const Descriptor& run = *RunSpec::descriptor();
    if (run.FindFieldByName(first) != nullptr) {
      return absl::OkStatus();
    }
    if (FindAxis(path) >= 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          Quoted(path), " is an axis; --set axis.", path, ".values=", value,
          " sets its values", DidYouMeanField(path, {{{&run, "base"}}})));
    }
    if (Experiment::descriptor()->FindFieldByName(first) != nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", first,
                       "\" cannot be set here; fields of the base, seeds and "
                       "axis.NAME.values can"));
    }
    return absl::InvalidArgumentError(absl::StrCat(
        Quoted(first), " is neither a field of the base nor seeds",
        DidYouMeanField(first, {{{&run, "base"}}}, {std::string(kSeeds)})));
  }

  // Index of the axis; -1 for none.
  int FindAxis(absl::string_view name) const {
    for (int i = 0; i < experiment_.axis_size(); ++i) {
      if (!name.empty() && experiment_.axis(i).name() == name) return i;
    }
    return -1;
  }

  absl::Status ReadAxis(Override* result) const {
    const std::vector<std::string> parts = absl::StrSplit(result->path, '.');
    std::vector<std::string> names;
    for (const Axis& axis : experiment_.axis()) names.push_back(axis.name());
    if (parts.size() == 1 || parts[0] != kAxis) {
      return absl::InvalidArgumentError(absl::StrCat(
          "names no axis; say axis.NAME.values=8,16",
          names.empty()
              ? "; this experiment has no axis"
              : absl::StrCat("; NAME can be ", absl::StrJoin(names, ", "))));
    }
    const int axis = FindAxis(parts[1]);
    if (axis < 0) {
      const std::string gone =
          sources_ == nullptr ? "" : sources_->WhyGone(kAxis, parts[1]);
      return absl::InvalidArgumentError(
          gone.empty()
              ? NoSuchAxis(parts[1], names)
              : absl::StrCat("there is no axis ", Quoted(parts[1]), gone));
    }
    if (parts.size() != 3 || parts[2] != "values") {
      return absl::InvalidArgumentError(
          absl::StrCat("of an axis only the values can be set: axis.", parts[1],
                       ".values=", result->value));
    }
    result->axis.emplace(axis, experiment_.axis(axis));
    result->field = absl::StrCat(
        "axis[", axis, "].",
        experiment_.axis(axis).option().empty() ? "values" : "option");
    return ReadAxisValues(result->value, &result->axis->second);
  }

  static std::string NoSuchAxis(const std::string& name,
                                const std::vector<std::string>& names) {
    if (names.empty()) {
      return absl::StrCat("there is no axis ", Quoted(name), ", nor any other");
    }
    const bool near = !NearNames(name, names).empty();
    return absl::StrCat(
        "there is no axis ", Quoted(name),
        near ? absl::StrCat("; there are ", absl::StrJoin(names, ", ")) : "",
        DidYouMean(name, names));
  }

  // Makes them those of `axis`.
  static absl::Status ReadAxisValues(absl::string_view text, Axis* axis) {
    TRANSECT_ASSIGN_OR_RETURN(const std::vector<std::string> values,
                              SplitList(text));
    if (!axis->option().empty()) return KeepOptions(values, axis);
    axis->mutable_values()->Assign(values.begin(), values.end());
    const absl::StatusOr<FieldPath> path =
        FieldPath::Parse(axis->field(), *RunSpec::descriptor());
    // An axis that is wrong is so without these values too.
    if (!path.ok()) return absl::OkStatus();
    for (const std::string& value : values) {
      const absl::Status canonical = path->Canonical(value).status();
      if (!canonical.ok()) {
        return absl::InvalidArgumentError(
            absl::StrCat("no value of ", path->text(), ", which axis \"",
                         axis->name(), "\" varies: ", canonical.message()));
      }
    }
    return absl::OkStatus();
  }

  static absl::Status KeepOptions(const std::vector<std::string>& names,
                                  Axis* axis) {
    std::vector<std::string> known;
    for (const AxisOption& option : axis->option()) {
      known.push_back(option.name());
    }
    google::protobuf::RepeatedPtrField<AxisOption> kept;
    for (const std::string& name : names) {
      const auto found = std::find(known.begin(), known.end(), name);
      if (found == known.end()) {
        return absl::InvalidArgumentError(
            absl::StrCat(Quoted(name), " is not an option of axis \"",
                         axis->name(), "\"", DidYouMean(name, known)));
      }
      *kept.Add() = axis->option(static_cast<int>(found - known.begin()));
    }
    axis->mutable_option()->Swap(&kept);
    return absl::OkStatus();
  }

  const Experiment& experiment_;
  const SourceMap* sources_;
};

// Whether one names the field of the other, or a field in it.
bool Overlap(absl::string_view a, absl::string_view b) {
  return a == b || absl::StartsWith(a, absl::StrCat(b, ".")) ||
         absl::StartsWith(b, absl::StrCat(a, "."));
}

}  // namespace

absl::Status ApplyOverrides(absl::Span<const std::string> assignments,
                            Experiment* experiment, SourceMap* sources) {
  const OverrideReader reader(*experiment, sources);
  std::vector<Override> overrides;
  std::vector<std::string> problems;
  for (const std::string& assignment : assignments) {
    absl::StatusOr<Override> next = reader.Read(assignment);
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
    if (each.axis.has_value()) {
      *experiment->mutable_axis(each.axis->first) = each.axis->second;
    } else {
      MergeOver(each.set, experiment);
    }
    if (sources != nullptr) {
      sources->Replace(each.field, "--set");
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
