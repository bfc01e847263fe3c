// `transect data synth`.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "data/io/problems.h"
#include "data/io/textproto.h"
#include "data/spec.h"
#include "experiments/reading/field_path.h"
#include "experiments/reading/source_map.h"
#include "launch/cli/request_flags.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/cli/worker_command.h"
#include "launch/requests/worker_request.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

struct SynthOptions {
  // Text file of the request's `spec`; empty for the defaults.
  std::string recipe;
  // FIELD=VALUE, set in the recipe in this order.
  std::vector<std::string> settings;
  SynthesizeDataRequest request;
};

absl::Status Set(absl::string_view setting, SynthesisSpec* spec) {
  const size_t equals = setting.find('=');
  if (equals == absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("--set ", setting, ": must be FIELD=VALUE"));
  }
  TRANSECT_ASSIGN_OR_RETURN(
      const FieldPath path,
      FieldPath::Parse(setting.substr(0, equals), *spec->GetDescriptor()),
      _ << "in --set " << setting);
  TRANSECT_RETURN_IF_ERROR(path.Set(setting.substr(equals + 1), spec))
      << "in --set " << setting;
  return absl::OkStatus();
}

absl::StatusOr<SynthesisSpec> ReadRecipe(const SynthOptions& options) {
  SynthesisSpec spec;
  SourceMap sources;
  if (!options.recipe.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(const std::string text,
                              ReadFile(options.recipe, kMaxTextprotoBytes));
    TRANSECT_RETURN_IF_ERROR(ParseTextproto(text, options.recipe, &spec));
    TRANSECT_ASSIGN_OR_RETURN(sources,
                              SourceMap::Make(text, options.recipe, spec));
  }
  for (const std::string& setting : options.settings) {
    TRANSECT_RETURN_IF_ERROR(Set(setting, &spec));
    sources.Replace(setting.substr(0, setting.find('=')), "--set");
  }
  Problems problems;
  ValidateSynthesisSpec(spec, "", &problems);
  if (problems.empty()) return spec;
  std::string message;
  for (const Problem& problem : problems.all()) {
    const std::string place = sources.Find(problem.field);
    absl::StrAppend(&message, message.empty() ? "" : "\n",
                    place.empty() ? "recipe" : place, ": ", problem.field, " ",
                    problem.message);
  }
  return absl::InvalidArgumentError(message);
}

absl::StatusOr<int> Synthesize(const CommandContext& context,
                               const SynthOptions& options) {
  WorkerRequest request;
  SynthesizeDataRequest& synthesize = *request.mutable_synthesize_data();
  synthesize = options.request;
  TRANSECT_ASSIGN_OR_RETURN(*synthesize.mutable_spec(), ReadRecipe(options));
  return RunWorkerRequest(context, request);
}

}  // namespace

void AddDataSynthVerb(CLI::App* data, CommandLine* line) {
  CLI::App* verb = data->add_subcommand(
      "synth", "Write a synthetic data set in the layout of RRSIS-D.");
  const auto options = std::make_shared<SynthOptions>();
  verb->add_option("RECIPE", options->recipe,
                   "Text file of a SynthesisSpec (data/data.proto). Default: "
                   "its defaults.");
  AddField(verb, "--out", "out", &options->request,
           "Directory to make; must not exist.")
      ->required();
  verb->add_option("--set", options->settings,
                   "A field of the recipe, such as train_images=50 or "
                   "aerial.clutter=0.8. Repeatable.")
      ->type_name("FIELD=VALUE")
      ->allow_extra_args(false);
  OnVerb(verb, line, options, Synthesize);
}

}  // namespace transect
