// `transect predict`.

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "experiments/run/old_spec.h"
#include "launch/cli/output.h"
#include "launch/cli/request_flags.h"
#include "launch/cli/run_files.h"
#include "launch/cli/run_reference.h"
#include "launch/cli/session.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/cli/worker_command.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/find_run.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

struct PredictOptions {
  // Whose network: a run or a spec (run_files.h).
  RunReferenceOptions run;
  std::string model;
  PredictRequest request;
};

absl::Status Usage(const std::string& message) {
  return absl::InvalidArgumentError(message);
}

absl::Status CheckOptions(const PredictOptions& options) {
  const PredictRequest& request = options.request;
  if (options.run.run.empty() == options.model.empty()) {
    return Usage("give one of --run RUN and --model SPEC");
  }
  if (options.run.run.empty() && !options.run.spec.empty()) {
    return Usage("--spec goes with --run, which names one of its runs");
  }
  if (request.has_inputs()) {
    if (request.image_size() > 0 || request.text_size() > 0) {
      return Usage("--inputs takes the place of --image and --text");
    }
    return absl::OkStatus();
  }
  if (request.image_size() == 0 || request.text_size() == 0) {
    return Usage(
        "give --image FILE and --text SENTENCE, each as often as you like, or "
        "--inputs FILE");
  }
  if (!request.has_out()) {
    return Usage("give --out DIR, where the masks go");
  }
  for (const std::string& text : request.text()) {
    if (absl::StripAsciiWhitespace(text).empty()) {
      return Usage("--text is empty, must have at least one word");
    }
  }
  for (const std::string& image : request.image()) {
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

absl::StatusOr<RunFiles> FindFiles(const PredictOptions& options,
                                   RunReferences* references) {
  const Session& session = references->session();
  if (options.run.run.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(
        RunFiles files,
        FilesOfSpec(session.store, session.site, session.code, options.model));
    if (files.job().run().weights().has_random()) {
      Tell(absl::StrCat("note: ", options.model,
                        " has random weights, so its masks mean nothing\n"));
    }
    return files;
  }
  TRANSECT_ASSIGN_OR_RETURN(const ReferredRun referred,
                            references->FindDone(options.run.run));
  const FoundRun& run = *referred.found;
  TRANSECT_ASSIGN_OR_RETURN(
      RunFiles files, FilesOfRun(session.store, run, InputsUsed::kTokenizer));
  CompleteOldSpec(files.mutable_job()->mutable_run());
  if (run.result.code() != session.code) {
    Tell(absl::StrCat("note: run ", ShownId(run.id), " was done under code ",
                      ShownCode(run.result.code()), ", the present one is ",
                      ShownCode(session.code), "\n"));
  }
  return files;
}

absl::StatusOr<int> Predict(const CommandContext& context,
                            const PredictOptions& options) {
  TRANSECT_RETURN_IF_ERROR(CheckOptions(options));
  TRANSECT_ASSIGN_OR_RETURN(RunReferences references,
                            RunReferences::Open(context, options.run.spec));
  TRANSECT_RETURN_IF_ERROR(references.session().worker.status());
  WorkerRequest request;
  *request.mutable_predict() = options.request;
  TRANSECT_ASSIGN_OR_RETURN(*request.mutable_predict()->mutable_files(),
                            FindFiles(options, &references));
  TRANSECT_ASSIGN_OR_RETURN(const int code, RunWorkerRequest(context, request));
  if (code == 0 && options.request.has_out() &&
      options.request.format() == PredictRequest::TEXT) {
    Tell(
        "score: the mean probability of the pixels of the mask, so 0.5 is the "
        "least of a mask that is not empty; it says how sure the network is, "
        "not how right\n");
  }
  return code;
}

}  // namespace

void AddPredictVerb(CLI::App* app, CommandLine* line) {
  CLI::App* verb = app->add_subcommand(
      "predict",
      "Draw the mask of what a sentence names, with the network of a run. The "
      "score of a mask is the mean probability of its pixels, 0.5 to 1, and 0 "
      "of an empty mask: how sure the network is, not how right.");
  const auto options = std::make_shared<PredictOptions>();
  PredictRequest* const request = &options->request;
  AddRunReference(verb, line, &options->run);
  verb->add_option("--model", options->model,
                   "Instead of a run: file of a run's spec, or an experiment, "
                   "whose base is taken as it is before training.");
  AddField(verb, "--image", "image", request,
           "JPEG, PNG or TIFF files. Each is asked for every sentence.")
      ->allow_extra_args();
  AddField(verb, "--text", "text", request, "Sentences, each in quotes.")
      ->allow_extra_args();
  AddField(verb, "--inputs", "inputs", request,
           "Instead of images and sentences: a safetensors file of pixels and "
           "token ids (docs/dump.md).");
  AddField(verb, "--out", "out", request,
           "Directory for masks, overlays and activation maps (PNG). Files "
           "that are there are not replaced without --overwrite.");
  AddField(verb, "--dump", "dump", request,
           "Directory for the tensors of every stage, as safetensors "
           "(docs/dump.md).");
  AddFlagField(verb, "--overwrite", "overwrite", request,
               "Replace files of the same names in --out and --dump.");
  AddFormatField(verb, "format", request,
                 "text, or json: a message PredictionList of "
                 "launch/requests/predictions.proto.");
  AddPlaces(verb, line);
  OnVerb(verb, line, options, Predict);
}

}  // namespace transect
