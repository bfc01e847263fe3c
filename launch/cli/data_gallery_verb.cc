// `transect data gallery`.

#include <memory>

#include "absl/status/statusor.h"
#include "launch/cli/request_flags.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/cli/worker_command.h"
#include "launch/requests/worker_request.pb.h"

namespace transect {
namespace {

absl::StatusOr<int> WriteGallery(const CommandContext& context,
                                 const GalleryRequest& gallery) {
  WorkerRequest request;
  *request.mutable_gallery() = gallery;
  return RunWorkerRequest(context, request);
}

}  // namespace

void AddDataGalleryVerb(CLI::App* data, CommandLine* line) {
  CLI::App* verb = data->add_subcommand(
      "gallery",
      "Write one HTML page of images, sentences and masks, to filter and look "
      "through; it needs no network.");
  const auto request = std::make_shared<GalleryRequest>();
  AddField(verb, "DIR", "data", request.get(), "Root of the data set.")
      ->required();
  AddField(verb, "--format_of_data", "format", request.get(),
           "Layout of the files (docs/site_file.md).");
  AddField(verb, "--out", "out", request.get(),
           "The page; replaced if it exists.")
      ->required();
  AddField(verb, "--split", "split", request.get(),
           "train, val or test. Repeatable. Default: all that there are.")
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"train", "val", "test"}));
  AddField(verb, "--limit", "limit", request.get(),
           "Most samples, spread evenly over all.")
      ->check(CLI::Range(1, 5000));
  AddField(verb, "--thumbnail", "thumbnail", request.get(),
           "Longer side of the pictures in pixels.")
      ->check(CLI::Range(32, 1024));
  OnVerb(verb, line, request, WriteGallery);
}

}  // namespace transect
