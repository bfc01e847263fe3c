#include "experiments/expanding/axis_values.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "experiments/reading/merge.h"
#include "experiments/run/resolve.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/message_differencer.h"

namespace transect {
namespace {

using ::google::protobuf::EnumDescriptor;
using ::google::protobuf::util::MessageDifferencer;

// The value of a field that the resolved base does not have, if another value
// of it would change what the base resolves to: then it is a name that stands
// for other fields, else it cannot matter.
std::optional<std::string> NameInBase(const FieldPath& path,
                                      const RunSpec& base,
                                      const RunSpec& resolved) {
  const EnumDescriptor* const names = path.fields().back()->enum_type();
  for (int i = 0; names != nullptr && i < names->value_count(); ++i) {
    RunSpec run = base;
    if (names->value(i)->number() == 0 ||
        !path.Set(names->value(i)->name(), &run).ok()) {
      continue;
    }
    ResolveRun(&run);
    if (!MessageDifferencer::Equals(run, resolved)) {
      return path.GetOrDefault(base);
    }
  }
  return std::nullopt;
}

std::optional<std::string> OptionInBase(const CheckedAxis& axis,
                                        const RunSpec& base,
                                        const RunSpec& resolved) {
  for (const AxisValue& option : axis.values) {
    RunSpec run = base;
    MergeOver(option.overlay->set, &run);
    ResolveRun(&run);
    if (MessageDifferencer::Equals(run, resolved)) return option.text;
  }
  return std::nullopt;
}

const AxisChoice* Find(const std::vector<AxisChoice>& choices, size_t axis) {
  for (const AxisChoice& choice : choices) {
    if (choice.axis == axis) return &choice;
  }
  return nullptr;
}

}  // namespace

AxisValues::AxisValues(const std::vector<CheckedAxis>& axes,
                       const RunSpec& base, const RunSpec& resolved)
    : axes_(axes) {
  for (const CheckedAxis& axis : axes) {
    std::optional<std::string> value;
    bool replaced = false;
    if (axis.path.has_value()) {
      value = axis.path->Get(resolved);
      if (!value.has_value()) {
        value = NameInBase(*axis.path, base, resolved);
        replaced = value.has_value();
      }
    } else {
      value = OptionInBase(axis, base, resolved);
    }
    in_base_.push_back(std::move(value));
    replaced_.push_back(replaced);
    conditional_ = conditional_ || !axis.when.empty();
  }
  applies_in_base_ = AppliesWith({});
}

std::vector<bool> AxisValues::AppliesWith(
    const std::vector<AxisChoice>& choices) const {
  if (!conditional_) return std::vector<bool>(axes_.size(), true);
  return AxesThatApply(axes_, [&](size_t axis) -> const std::string* {
    if (const AxisChoice* choice = Find(choices, axis)) return &choice->value;
    return in_base_[axis].has_value() ? &*in_base_[axis] : nullptr;
  });
}

std::vector<AxisSetting> AxisValues::BaseSettings() const {
  std::vector<AxisSetting> settings;
  for (size_t i = 0; i < axes_.size(); ++i) {
    if (in_base_[i].has_value() && applies_in_base_[i]) {
      settings.emplace_back(axes_[i].name, *in_base_[i]);
    }
  }
  return settings;
}

CellValues AxisValues::InCell(const std::vector<AxisChoice>& choices,
                              const RunSpec& resolved) const {
  const std::vector<bool> applies =
      conditional_ ? AppliesWith(choices) : applies_in_base_;
  CellValues cell;
  for (size_t i = 0; i < axes_.size(); ++i) {
    const AxisChoice* const choice = Find(choices, i);
    const bool in_base = in_base_[i].has_value() && applies_in_base_[i];
    std::optional<std::string> value;
    if (applies[i]) value = ValueInCell(i, choice, choices, resolved);
    if (!value.has_value()) {
      if (in_base) cell.without.push_back(axes_[i].name);
    } else if (!in_base || *value != *in_base_[i]) {
      if (choice != nullptr) {
        cell.chosen.push_back(absl::StrCat(axes_[i].name, "=", *value));
      }
      cell.settings.emplace_back(axes_[i].name, *std::move(value));
    }
  }
  return cell;
}

std::optional<std::string> AxisValues::ValueInCell(
    size_t axis, const AxisChoice* choice,
    const std::vector<AxisChoice>& choices, const RunSpec& resolved) const {
  const CheckedAxis& checked = axes_[axis];
  const std::optional<std::string>& in_base = in_base_[axis];
  if (checked.path.has_value()) {
    std::optional<std::string> value = checked.path->Get(resolved);
    if (value.has_value()) return value;
    // What is chosen, is not the base's and passed the check for effects is a
    // name that was replaced.
    const bool replaced =
        replaced_[axis] || (choice != nullptr && choice->value != in_base);
    if (!replaced) return std::nullopt;
  }
  if (choice != nullptr) return choice->value;
  if (!in_base.has_value() || Touched(checked, *in_base, choices)) {
    return std::nullopt;
  }
  // Another choice may have left the message that has the field.
  RunSpec run = resolved;
  const bool there =
      !checked.path.has_value() || checked.path->Set(*in_base, &run).ok();
  return there ? in_base : std::nullopt;
}

bool AxisValues::Touched(const CheckedAxis& axis, const std::string& value,
                         const std::vector<AxisChoice>& choices) const {
  return std::any_of(
      choices.begin(), choices.end(), [&](const AxisChoice& choice) {
        return !SharedField(axis, value, axes_[choice.axis], choice.value)
                    .empty();
      });
}

}  // namespace transect
