#include "experiments/axes.h"

#include <algorithm>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "data/io/suggestion.h"
#include "experiments/field_options.pb.h"

namespace transect {
namespace {

constexpr size_t kLongestName = 64;
constexpr absl::string_view kReservedNames[] = {"seed", "state"};

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
      problems->Add(value_field, absl::StrCat("is ", Quoted(axis.values(i)),
                                              ", a value given before it"));
    } else {
      out->values.push_back({*std::move(value), value_field});
    }
  }
}

}  // namespace

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

std::vector<CheckedAxis> ReadAxes(const Experiment& experiment,
                                  Problems* problems) {
  std::vector<CheckedAxis> axes;
  NameChecker names("an axis", problems);
  for (int i = 0; i < experiment.axis_size(); ++i) {
    const Axis& axis = experiment.axis(i);
    const std::string field = absl::StrCat("axis[", i, "]");
    axes.push_back({axis.name(), std::nullopt, {}});
    names.Check(axis.name(), absl::StrCat(field, ".name"));
    for (absl::string_view reserved : kReservedNames) {
      if (axis.name() == reserved) {
        problems->Add(
            absl::StrCat(field, ".name"),
            absl::StrCat("is \"", reserved, "\", a word that selectors use"));
      }
    }
    absl::StatusOr<FieldPath> path =
        FieldPath::Parse(axis.field(), *RunSpec::descriptor());
    const std::string wrong =
        path.ok() ? WhyFixed(*path) : std::string(path.status().message());
    if (!wrong.empty()) {
      problems->Add(absl::StrCat(field, ".field"), wrong);
      continue;
    }
    axes.back().path = *std::move(path);
    ReadValues(axis, field, &axes.back(), problems);
  }
  return axes;
}

}  // namespace transect
