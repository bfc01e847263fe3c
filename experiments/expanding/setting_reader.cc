#include "experiments/expanding/setting_reader.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/suggestion.h"

namespace transect {
namespace {

// What is wrong with a value that `axis` cannot have. That it is no option,
// `why` says by itself.
std::string NoSuchValue(const CheckedAxis& axis, const std::string& value,
                        absl::string_view why) {
  if (axis.has_options) return std::string(why);
  std::vector<std::string> values;
  for (const AxisValue& each : axis.values) values.push_back(each.text);
  if (values.empty()) {
    return absl::StrCat("is ", Quoted(value), ", no value of axis \"",
                        axis.name, "\": ", why);
  }
  return absl::StrCat(
      "is ", Quoted(value), ", no value of axis \"", axis.name,
      "\", which has ", ListedValues(values),
      NearNames(value, values).empty() ? "" : DidYouMean(value, values));
}

}  // namespace

SettingReader::SettingReader(
    const Experiment& experiment, const std::vector<CheckedAxis>& axes,
    const std::vector<std::optional<std::string>>& in_base,
    const SourceMap* sources, Problems* problems)
    : experiment_(experiment),
      axes_(axes),
      in_base_(in_base),
      sources_(sources),
      problems_(problems) {}

int SettingReader::ValuesInFile(size_t axis) const {
  const Axis& in_file = experiment_.axis(static_cast<int>(axis));
  return in_file.values_size() + in_file.option_size();
}

bool SettingReader::Enough() const {
  return problems_->all().size() >= kManyProblems;
}

std::vector<size_t> SettingReader::ReadAxisNames(const Names& names,
                                                 const std::string& field,
                                                 bool* good) {
  if (names.empty()) {
    problems_->Add(field, "is empty");
    *good = false;
  }
  std::vector<size_t> axes;
  std::set<size_t> seen;
  for (int i = 0; i < names.size() && !Enough(); ++i) {
    const std::string name_field = absl::StrCat(field, "[", i, "]");
    const std::optional<size_t> axis =
        FindAxis(axes_, names[i], name_field, sources_, problems_);
    if (!axis.has_value()) {
      *good = false;
    } else if (!seen.insert(*axis).second) {
      problems_->Add(name_field,
                     absl::StrCat("is \"", names[i], "\", given before it"));
      *good = false;
    } else if (!axes_[*axis].usable()) {
      *good = false;
    } else if (ValuesInFile(*axis) == 0) {
      problems_->Add(name_field, absl::StrCat("is \"", names[i],
                                              "\", which has no values"));
      *good = false;
    } else {
      axes.push_back(*axis);
    }
  }
  // The loop may have stopped before the names were read.
  *good = *good && !Enough();
  return axes;
}

std::optional<std::vector<AxisChoice>> SettingReader::ReadSettings(
    const Settings& settings, const std::string& field) {
  std::vector<AxisChoice> choices;
  std::set<size_t> seen;
  bool good = true;
  for (int i = 0; i < settings.size() && !Enough(); ++i) {
    const std::string axis_field = absl::StrCat(field, "[", i, "].axis");
    const std::optional<size_t> axis =
        FindAxis(axes_, settings[i].axis(), axis_field, sources_, problems_);
    if (!axis.has_value() || !axes_[*axis].usable()) {
      good = false;
      continue;
    }
    if (!seen.insert(*axis).second) {
      problems_->Add(axis_field, absl::StrCat("is \"", settings[i].axis(),
                                              "\", given before it"));
      good = false;
      continue;
    }
    absl::StatusOr<std::string> value =
        axes_[*axis].Canonical(settings[i].value());
    if (!value.ok()) {
      problems_->Add(absl::StrCat(field, "[", i, "].value"),
                     NoSuchValue(axes_[*axis], settings[i].value(),
                                 value.status().message()));
      good = false;
      continue;
    }
    choices.push_back({*axis, *std::move(value)});
  }
  if (!good) {
    return std::nullopt;
  }
  return choices;
}

std::optional<std::vector<AxisChoice>> SettingReader::ReadWithout(
    const Settings& settings, const std::string& field) {
  if (settings.empty()) {
    problems_->Add(field, "is empty");
    return std::nullopt;
  }
  std::optional<std::vector<AxisChoice>> choices =
      ReadSettings(settings, field);
  bool good = choices.has_value();
  for (size_t i = 0; choices.has_value() && i < choices->size(); ++i) {
    if (in_base_[(*choices)[i].axis] == (*choices)[i].value) {
      problems_->Add(absl::StrCat(field, "[", i, "].value"),
                     absl::StrCat("is \"", (*choices)[i].value,
                                  "\", the base's value; it takes nothing "
                                  "away"));
      good = false;
    }
  }
  return good ? choices : std::nullopt;
}

}  // namespace transect
