#include "launch/cli/data_commands.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/data.pb.h"
#include "data/io/problems.h"
#include "data/io/textproto.h"
#include "data/spec.h"
#include "experiments/reading/field_path.h"
#include "launch/cli/commands.h"
#include "launch/cli/worker_command.h"
#include "launch/requests/worker_request.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

namespace {

// FIELD=VALUE.
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

}  // namespace

absl::StatusOr<int> DataSynthCommand(const CommandContext& context,
                                     const DataSynthOptions& options) {
  WorkerRequest request;
  SynthesizeDataRequest& synthesize = *request.mutable_synthesize_data();
  synthesize.set_out(options.out);
  if (!options.recipe.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(*synthesize.mutable_spec(),
                              ReadTextproto<SynthesisSpec>(options.recipe));
  }
  for (const std::string& setting : options.settings) {
    TRANSECT_RETURN_IF_ERROR(Set(setting, synthesize.mutable_spec()));
  }
  Problems problems;
  ValidateSynthesisSpec(synthesize.spec(), "", &problems);
  if (!problems.empty()) {
    std::string message;
    for (const Problem& problem : problems.all()) {
      absl::StrAppend(&message, message.empty() ? "" : "\n",
                      options.recipe.empty() ? "recipe" : options.recipe, ": ",
                      problem.field, " ", problem.message);
    }
    return absl::InvalidArgumentError(message);
  }
  return RunWorkerRequest(context, request);
}

absl::StatusOr<int> DataGalleryCommand(const CommandContext& context,
                                       const DataGalleryOptions& options) {
  WorkerRequest request;
  GalleryRequest& gallery = *request.mutable_gallery();
  TRANSECT_ASSIGN_OR_RETURN(const FoundDataset::Format format,
                            LayoutByName(options.format_of_data));
  gallery.set_data(options.data);
  gallery.set_format(format);
  gallery.set_out(options.out);
  gallery.mutable_split()->Add(options.splits.begin(), options.splits.end());
  gallery.set_limit(options.limit);
  gallery.set_thumbnail(options.thumbnail);
  return RunWorkerRequest(context, request);
}

}  // namespace transect
