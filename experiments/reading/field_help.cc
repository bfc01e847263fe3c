#include "experiments/reading/field_help.h"

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "data/io/field_search.h"
#include "data/io/suggestion.h"
#include "experiments/reading/schema_help.h"
#include "google/protobuf/descriptor.h"

namespace transect {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;

constexpr unsigned char kSchema[] = {
#include "experiments/experiment_descriptor_set.inc"
};

const Descriptor& Root(const char* name) {
  static const DocumentedSchema* const schema = new DocumentedSchema(kSchema);
  return schema->Find(name);
}

// "design[0]" as "design".
absl::string_view WithoutIndex(absl::string_view name) {
  const size_t bracket = name.find('[');
  return bracket != 0 && bracket != absl::string_view::npos &&
                 name.back() == ']'
             ? name.substr(0, bracket)
             : name;
}

// Of the fields below `root`, which is called `what`, whose paths end with
// `end`; "" if there are none.
std::string HelpOfEnding(absl::string_view end, const Descriptor& root,
                         absl::string_view what) {
  const std::vector<std::string> paths = PathsEndingWith(end, root);
  if (paths.size() == 1) {
    return HelpOfField(paths[0], *FindField(paths[0], root));
  }
  if (paths.empty()) {
    return "";
  }
  std::string text = absl::StrCat(paths.size(), " fields of ", what,
                                  " end with ", Quoted(end), ":\n");
  for (const std::string& path : paths) {
    const FieldDescriptor& field = *FindField(path, root);
    absl::StrAppend(&text, "\n  ", FieldHeadline(path, field), "\n    ",
                    FirstSentence(field), "\n");
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

// Help for a path that begins with no field of a run or an experiment.
absl::StatusOr<std::string> HelpOfOther(absl::string_view path,
                                        absl::string_view name,
                                        const Descriptor& run,
                                        const Descriptor& experiment) {
  std::string text = HelpOfEnding(path, run, "a run");
  if (text.empty()) text = HelpOfEnding(path, experiment, "an experiment");
  if (!text.empty()) return text;
  return absl::InvalidArgumentError(absl::StrCat(
      Quoted(path), ": neither a run nor an experiment has a field ",
      Quoted(name),
      DidYouMeanField(name, {{{&experiment, ""}, {&run, ""}}},
                      FieldNames(experiment))));
}

absl::StatusOr<std::string> HelpOfPath(absl::string_view path) {
  const Descriptor& experiment = Root("transect.Experiment");
  const Descriptor& run = Root("transect.RunSpec");
  if (path.empty()) {
    return absl::StrCat("An experiment has:\n", HelpOfFields(experiment),
                        "\nA run, such as its base, has:\n", HelpOfFields(run));
  }
  const FieldDescriptor* field = nullptr;
  std::vector<FieldPlace> around;
  for (absl::string_view part : absl::StrSplit(path, '.')) {
    const std::string name(WithoutIndex(part));
    if (field == nullptr) {
      const FieldDescriptor* const of_run = run.FindFieldByName(name);
      field = of_run == nullptr ? experiment.FindFieldByName(name) : of_run;
      if (field == nullptr) return HelpOfOther(path, name, run, experiment);
      around = {{of_run == nullptr ? &experiment : &run, ""}};
    } else if (field->message_type() == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(Quoted(path), " goes on after \"", field->name(),
                       "\", which is a single value"));
    } else {
      const Descriptor& type = *field->message_type();
      field = type.FindFieldByName(name);
      if (field == nullptr) {
        return absl::InvalidArgumentError(
            absl::StrCat(Quoted(path), ": ", type.name(), " has no field ",
                         Quoted(name), DidYouMeanField(name, around)));
      }
    }
    if (field->message_type() != nullptr) {
      around.push_back(
          {field->message_type(),
           absl::StrCat(around.back().path,
                        around.back().path.empty() ? "" : ".", name)});
    }
  }
  return HelpOfField(path, *field);
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
