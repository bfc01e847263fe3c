#include "launch/cli/predict_command.h"

#include <filesystem>
#include <system_error>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "launch/cli/run_files.h"
#include "launch/cli/session.h"
#include "launch/cli/worker_command.h"
#include "launch/inputs/site.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/bundle.h"
#include "launch/store/find_run.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

absl::Status Usage(const std::string& message) {
  return absl::InvalidArgumentError(message);
}

absl::Status CheckOptions(const PredictOptions& options) {
  if (options.run.empty() == options.model.empty()) {
    return Usage("give one of --run ID and --model SPEC");
  }
  if (!options.inputs.empty()) {
    if (!options.images.empty() || !options.texts.empty()) {
      return Usage("--inputs takes the place of --image and --text");
    }
    return absl::OkStatus();
  }
  if (options.images.empty() || options.texts.empty()) {
    return Usage(
        "give --image FILE and --text SENTENCE, each as often as you like, or "
        "--inputs FILE");
  }
  if (options.out.empty()) {
    return Usage("give --out DIR, where the masks go");
  }
  for (const std::string& text : options.texts) {
    if (absl::StripAsciiWhitespace(text).empty()) {
      return Usage("--text is empty, must have at least one word");
    }
  }
  for (const std::string& image : options.images) {
    std::error_code error;
    const fs::file_status status = fs::status(image, error);
    if (!fs::exists(status)) {
      return absl::NotFoundError(absl::StrCat("no image ", image));
    }
    if (fs::is_directory(status)) {
      return Usage(absl::StrCat(image, " is a directory, must be an image"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int> PredictCommand(const CommandContext& context,
                                   const PredictOptions& options) {
  TRANSECT_RETURN_IF_ERROR(CheckOptions(options));
  TRANSECT_ASSIGN_OR_RETURN(const SiteFile site, LoadSite(context.site));
  TRANSECT_ASSIGN_OR_RETURN(const Store store,
                            Store::Open(StoreRoot(context.store, site)));
  TRANSECT_ASSIGN_OR_RETURN(const BuiltWorker worker,
                            FindWorker(context.argv[0]));
  TRANSECT_ASSIGN_OR_RETURN(const std::string code, CodePart(worker));
  WorkerRequest request;
  PredictRequest& predict = *request.mutable_predict();
  if (!options.run.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(const FoundRun run,
                              FindRun(store, code, options.run));
    TRANSECT_ASSIGN_OR_RETURN(*predict.mutable_files(),
                              FilesOfRun(store, run, InputsUsed::kTokenizer));
    if (run.result.code() != code) {
      Tell(absl::StrCat("note: run ", ShownId(run.id), " was done under code ",
                        ShownCode(run.result.code()), ", the present one is ",
                        ShownCode(code), "\n"));
    }
  } else {
    TRANSECT_ASSIGN_OR_RETURN(*predict.mutable_files(),
                              FilesOfSpec(store, site, code, options.model));
    if (predict.files().job().run().weights().has_random()) {
      Tell(absl::StrCat("note: ", options.model,
                        " has random weights, so that its masks mean "
                        "nothing\n"));
    }
  }
  for (const std::string& image : options.images) predict.add_image(image);
  for (const std::string& text : options.texts) predict.add_text(text);
  if (!options.inputs.empty()) predict.set_inputs(options.inputs);
  if (!options.out.empty()) predict.set_out(options.out);
  if (!options.dump.empty()) predict.set_dump(options.dump);
  predict.set_format(options.format == "json" ? PredictRequest::JSON
                                              : PredictRequest::TEXT);
  return RunWorkerRequest(context, request);
}

}  // namespace transect
