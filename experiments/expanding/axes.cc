#include "experiments/expanding/axes.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/field_options.pb.h"
#include "data/io/suggestion.h"

namespace transect {
namespace {

constexpr size_t kLongestName = 64;

// Most values of an axis that a message lists.
constexpr size_t kMostListed = 12;

bool IsName(absl::string_view name) {
  return !name.empty() && name.size() <= kLongestName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '-';
         });
}

// What is wrong with varying the field; "" if nothing is.
std::string WhyFixed(const FieldPath& path) {
  if (path.text() == "seed") {
    return "is \"seed\"; the experiment's `seeds` vary it";
  }
  for (const google::protobuf::FieldDescriptor* field : path.fields()) {
    if (field->options().GetExtension(operational)) {
      return absl::StrCat("is \"", path.text(),
                          "\", which cannot change a result");
    }
  }
  return "";
}

void ReadValues(const Axis& axis, const std::string& field, CheckedAxis* out,
                Problems* problems) {
  std::set<std::string> seen;
  for (int i = 0; i < axis.values_size(); ++i) {
    const std::string value_field = absl::StrCat(field, ".values[", i, "]");
    absl::StatusOr<std::string> value = out->path->Canonical(axis.values(i));
    if (!value.ok()) {
      problems->Add(value_field, value.status().message());
    } else if (!seen.insert(*value).second) {
      problems->Add(
          value_field,
          absl::StrCat(
              "is ", Quoted(axis.values(i)),
              *value == axis.values(i)
                  ? ", a value given before it"
                  : absl::StrCat(", which is the value ", Quoted(*value),
                                 " that is given before it")));
    } else {
      out->values.push_back({*std::move(value), value_field, nullptr});
    }
  }
}

// Notes what `message`, at `path`, writes, and reports what no option may set.
void ReadOverlay(const google::protobuf::Message& message,
                 const std::string& path, const std::string& problem_field,
                 AxisOverlay* overlay, Problems* problems) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> present;
  reflection.ListFields(message, &present);
  if (present.empty() && !path.empty()) {
    overlay->fields.push_back(path);
  }
  for (const google::protobuf::FieldDescriptor* field : present) {
    const std::string prefix = absl::StrCat(path, path.empty() ? "" : ".");
    const std::string name = absl::StrCat(prefix, field->name());
    const auto* oneof = field->real_containing_oneof();
    if (oneof != nullptr) {
      overlay->oneofs.emplace_back(absl::StrCat(prefix, oneof->name()),
                                   field->name());
    }
    const std::string place = absl::StrCat(problem_field, ".", field->name());
    if (name == "seed") {
      problems->Add(place, "is set; the experiment's `seeds` vary it");
    } else if (field->options().GetExtension(operational)) {
      problems->Add(place, "is set, which cannot change a result");
    } else if (field->message_type() != nullptr && !field->is_repeated()) {
      ReadOverlay(reflection.GetMessage(message, field), name, place, overlay,
                  problems);
    } else {
      overlay->fields.push_back(name);
    }
  }
}

void ReadOptions(const Axis& axis, const std::string& field, CheckedAxis* out,
                 Problems* problems) {
  NameChecker names("an option", problems);
  for (int i = 0; i < axis.option_size(); ++i) {
    const AxisOption& option = axis.option(i);
    const std::string option_field = absl::StrCat(field, ".option[", i, "]");
    names.Check(option.name(), absl::StrCat(option_field, ".name"));
    auto overlay = std::make_shared<AxisOverlay>();
    overlay->set = option.set();
    ReadOverlay(option.set(), "", absl::StrCat(option_field, ".set"),
                overlay.get(), problems);
    std::sort(overlay->fields.begin(), overlay->fields.end());
    std::sort(overlay->oneofs.begin(), overlay->oneofs.end());
    if (out->Overlay(option.name()) == nullptr) {
      out->values.push_back({option.name(), option_field, std::move(overlay)});
    }
  }
}

void ReadOneAxis(const Axis& axis, const std::string& field, CheckedAxis* out,
                 Problems* problems) {
  if (!axis.option().empty()) {
    for (const auto& [has, name] :
         {std::pair(axis.has_field(), "field"),
          std::pair(!axis.values().empty(), "values")}) {
      if (has) {
        problems->Add(absl::StrCat(field, ".", name),
                      "is set, but the axis has options; say one");
      }
    }
    out->has_options = true;
    ReadOptions(axis, field, out, problems);
    return;
  }
  absl::StatusOr<FieldPath> path =
      FieldPath::Parse(axis.field(), *RunSpec::descriptor());
  const std::string wrong =
      path.ok() ? WhyFixed(*path) : std::string(path.status().message());
  if (!wrong.empty()) {
    problems->Add(absl::StrCat(field, ".field"), wrong);
    return;
  }
  out->path = *std::move(path);
  ReadValues(axis, field, out, problems);
}

// The condition; nothing, after a report, if it is wrong.
std::optional<CheckedCondition> ReadCondition(
    const AxisCondition& condition, const std::string& field,
    const std::vector<CheckedAxis>& axes, const SourceMap* sources,
    Problems* problems) {
  const auto axis = FindAxis(axes, condition.axis(),
                             absl::StrCat(field, ".axis"), sources, problems);
  if (!axis.has_value()) return std::nullopt;
  if (condition.values().empty()) {
    problems->Add(absl::StrCat(field, ".values"),
                  axes[*axis].WithValues("is empty"));
  }
  if (condition.values().empty() || !axes[*axis].usable()) {
    return std::nullopt;
  }
  CheckedCondition checked = {*axis, {}};
  for (int i = 0; i < condition.values_size(); ++i) {
    absl::StatusOr<std::string> value =
        axes[*axis].Canonical(condition.values(i));
    if (!value.ok()) {
      problems->Add(absl::StrCat(field, ".values[", i, "]"),
                    axes[*axis].WithValues(value.status().message()));
      return std::nullopt;
    }
    checked.values.push_back(*std::move(value));
  }
  return checked;
}

// Takes away the conditions that close a circle, and reports them.
class CircleFinder {
 public:
  CircleFinder(const std::vector<std::vector<std::string>>& fields,
               std::vector<CheckedAxis>* axes, Problems* problems)
      : fields_(fields),
        axes_(*axes),
        problems_(problems),
        state_(axes->size()) {}

  void Find() {
    for (size_t axis = 0; axis < axes_.size(); ++axis) {
      Visit(axis);
    }
  }

 private:
  enum State { kUnseen, kOpen, kSeen };

  void Visit(size_t axis) {
    if (state_[axis] != kUnseen) {
      return;
    }
    state_[axis] = kOpen;
    std::vector<CheckedCondition> kept;
    for (size_t i = 0; i < axes_[axis].when.size(); ++i) {
      CheckedCondition& condition = axes_[axis].when[i];
      Visit(condition.axis);
      if (state_[condition.axis] == kOpen) {
        problems_->Add(absl::StrCat(fields_[axis][i], ".axis"),
                       absl::StrCat("is \"", axes_[condition.axis].name,
                                    "\", which by its own conditions applies "
                                    "only where \"",
                                    axes_[axis].name, "\" does"));
      } else {
        kept.push_back(std::move(condition));
      }
    }
    axes_[axis].when = std::move(kept);
    state_[axis] = kSeen;
  }

  const std::vector<std::vector<std::string>>& fields_;
  std::vector<CheckedAxis>& axes_;
  Problems* problems_;
  std::vector<State> state_;
};

void ReadConditions(const Experiment& experiment, const SourceMap* sources,
                    std::vector<CheckedAxis>* axes, Problems* problems) {
  int count = 0;
  for (const Axis& axis : experiment.axis()) {
    count += axis.when_size();
  }
  if (count > kMaxConditions) {
    problems->Add(
        "axis",
        absl::StrCat("has ", count, " conditions in `when`, must be at most ",
                     kMaxConditions));
    return;
  }
  // Of each axis, where its conditions are written.
  std::vector<std::vector<std::string>> fields(axes->size());
  for (int i = 0; i < experiment.axis_size(); ++i) {
    CheckedAxis& axis = (*axes)[i];
    std::set<size_t> seen;
    for (int j = 0; j < experiment.axis(i).when_size(); ++j) {
      const std::string field = absl::StrCat("axis[", i, "].when[", j, "]");
      std::optional<CheckedCondition> condition = ReadCondition(
          experiment.axis(i).when(j), field, *axes, sources, problems);
      if (!condition.has_value()) {
        continue;
      }
      if (!seen.insert(condition->axis).second) {
        problems->Add(absl::StrCat(field, ".axis"),
                      absl::StrCat("is \"", (*axes)[condition->axis].name,
                                   "\", given before it"));
        continue;
      }
      axis.when.push_back(*std::move(condition));
      fields[i].push_back(field);
    }
  }
  CircleFinder(fields, axes, problems).Find();
}

}  // namespace

std::string ListedValues(const std::vector<std::string>& values) {
  const auto end = values.begin() +
                   static_cast<ptrdiff_t>(std::min(values.size(), kMostListed));
  return absl::StrCat(
      absl::StrJoin(values.begin(), end, ", "),
      values.size() > kMostListed
          ? absl::StrCat(" and ", values.size() - kMostListed, " more")
          : "");
}

absl::StatusOr<std::string> CheckedAxis::Canonical(
    absl::string_view value) const {
  if (path.has_value()) {
    return path->Canonical(value);
  }
  std::vector<std::string> names;
  for (const AxisValue& option : values) {
    if (option.text == value) {
      return option.text;
    }
    names.push_back(option.text);
  }
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(value), " is not an option of axis \"", name, "\"",
                   DidYouMean(value, names)));
}

const AxisOverlay* CheckedAxis::Overlay(absl::string_view value) const {
  for (const AxisValue& option : values) {
    if (option.overlay != nullptr && option.text == value) {
      return option.overlay.get();
    }
  }
  return nullptr;
}

std::string CheckedAxis::WhereItApplies(
    const std::vector<CheckedAxis>& axes) const {
  std::vector<std::string> parts;
  for (const CheckedCondition& condition : when) {
    parts.push_back(absl::StrCat(axes[condition.axis].name, " is ",
                                 absl::StrJoin(condition.values, " or ")));
  }
  return absl::StrCat("applies only where ", absl::StrJoin(parts, " and "));
}

std::string CheckedAxis::GridOfConditions(
    const std::vector<CheckedAxis>& axes) const {
  std::string text;
  for (const CheckedCondition& condition : when) {
    absl::StrAppend(&text, "\"", axes[condition.axis].name, "\", ");
  }
  return absl::StrCat(text, "\"", name, "\"");
}

std::string CheckedAxis::WithValues(absl::string_view wrong) const {
  std::vector<std::string> texts;
  for (const AxisValue& value : values) texts.push_back(value.text);
  return has_options || texts.empty() || absl::StrContains(wrong, "; did you")
             ? std::string(wrong)
             : absl::StrCat(wrong, "; axis \"", name, "\" has the values ",
                            ListedValues(texts));
}

void NameChecker::Check(const std::string& name, absl::string_view field) {
  if (!IsName(name)) {
    problems_->Add(field,
                   absl::StrCat("is ", Quoted(name), ", must be 1 to ",
                                kLongestName, " letters, digits, '_' and '-'"));
  } else if (!seen_.insert(name).second) {
    problems_->Add(field, absl::StrCat("is \"", name, "\", the name of ", kind_,
                                       " before it"));
  }
}

std::optional<size_t> FindAxis(const std::vector<CheckedAxis>& axes,
                               const std::string& name, absl::string_view field,
                               const SourceMap* sources, Problems* problems) {
  const auto found = std::find_if(
      axes.begin(), axes.end(),
      [&name](const CheckedAxis& axis) { return axis.name == name; });
  if (found != axes.end()) return static_cast<size_t>(found - axes.begin());
  std::vector<std::string> names;
  for (const CheckedAxis& axis : axes) names.push_back(axis.name);
  const std::string gone =
      sources == nullptr ? "" : sources->WhyGone("axis", name);
  problems->Add(field,
                absl::StrCat("is ", Quoted(name), ", which is not an axis",
                             gone.empty() ? DidYouMean(name, names) : gone));
  return std::nullopt;
}

std::vector<CheckedAxis> ReadAxes(const Experiment& experiment,
                                  Problems* problems,
                                  const SourceMap* sources) {
  std::vector<CheckedAxis> axes;
  int options = 0;
  for (const Axis& axis : experiment.axis()) {
    options += axis.option_size();
  }
  if (options > kMaxOptions) {
    problems->Add("axis",
                  absl::StrCat("has ", options, " options, must be at most ",
                               kMaxOptions));
    return axes;
  }
  NameChecker names("an axis", problems);
  for (int i = 0; i < experiment.axis_size(); ++i) {
    const Axis& axis = experiment.axis(i);
    const std::string field = absl::StrCat("axis[", i, "]");
    axes.emplace_back();
    axes.back().name = axis.name();
    names.Check(axis.name(), absl::StrCat(field, ".name"));
    for (absl::string_view reserved : kReservedAxisNames) {
      if (axis.name() == reserved) {
        problems->Add(
            absl::StrCat(field, ".name"),
            absl::StrCat("is \"", reserved, "\", a word that selectors use"));
      }
    }
    ReadOneAxis(axis, field, &axes.back(), problems);
  }
  ReadConditions(experiment, sources, &axes, problems);
  return axes;
}

std::vector<bool> AxesThatApply(
    const std::vector<CheckedAxis>& axes,
    const std::function<const std::string*(size_t)>& value) {
  enum class Known { kNot, kYes, kNo };
  std::vector<Known> known(axes.size(), Known::kNot);
  const std::function<bool(size_t)> applies = [&](size_t axis) {
    if (known[axis] == Known::kNot) {
      const auto holds = [&](const CheckedCondition& condition) {
        const std::string* other = value(condition.axis);
        return other != nullptr &&
               std::find(condition.values.begin(), condition.values.end(),
                         *other) != condition.values.end() &&
               applies(condition.axis);
      };
      const bool all =
          std::all_of(axes[axis].when.begin(), axes[axis].when.end(), holds);
      known[axis] = all ? Known::kYes : Known::kNo;
    }
    return known[axis] == Known::kYes;
  };
  std::vector<bool> result(axes.size());
  for (size_t axis = 0; axis < axes.size(); ++axis) {
    result[axis] = applies(axis);
  }
  return result;
}

std::string SharedField(const CheckedAxis& a, absl::string_view a_value,
                        const CheckedAxis& b, absl::string_view b_value) {
  const AxisOverlay* const a_overlay = a.Overlay(a_value);
  const AxisOverlay* const b_overlay = b.Overlay(b_value);
  const auto fields = [](const CheckedAxis& axis, const AxisOverlay* overlay) {
    return overlay != nullptr      ? overlay->fields
           : axis.path.has_value() ? std::vector<std::string>{axis.path->text()}
                                   : std::vector<std::string>();
  };
  for (const std::string& x : fields(a, a_overlay)) {
    for (const std::string& y : fields(b, b_overlay)) {
      // An empty message and a field in it are one place too.
      if (x == y || absl::StartsWith(y, absl::StrCat(x, ".")) ||
          absl::StartsWith(x, absl::StrCat(y, "."))) {
        return x.size() > y.size() ? x : y;
      }
    }
  }
  if (a_overlay != nullptr && b_overlay != nullptr) {
    for (const auto& [oneof, member] : a_overlay->oneofs) {
      for (const auto& [other_oneof, other_member] : b_overlay->oneofs) {
        if (oneof == other_oneof && member != other_member) {
          return oneof;
        }
      }
    }
  }
  return "";
}

}  // namespace transect
