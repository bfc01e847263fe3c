// `transect data gallery`.

#include <memory>

#include "absl/status/statusor.h"
#include "launch/cli/request_flags.h"
#include "launch/cli/verb.h"
#include "launch/cli/verbs.h"
#include "launch/cli/worker_command.h"
#include "launch/requests/worker_request.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::StatusOr<int> WriteGallery(const CommandContext& context,
                                 const WorkerRequest& request) {
  const GalleryRequest& gallery = request.gallery();
  TRANSECT_RETURN_IF_ERROR(CheckReading(gallery.reading(), gallery.data()));
  return RunWorkerRequest(context, request);
}

}  // namespace

void AddDataGalleryVerb(CLI::App* data, CommandLine* line) {
  CLI::App* verb = data->add_subcommand(
      "gallery",
      "Write one HTML page of images, sentences and masks, to filter and look "
      "through; it needs no network.");
  const auto request = std::make_shared<WorkerRequest>();
  GalleryRequest* const gallery = request->mutable_gallery();
  AddField(verb, "DIR", "data", gallery, "Root of the data set.")->required();
  AddReadingFlags(verb, gallery->mutable_reading());
  AddField(verb, "--out", "out", gallery, "The page; replaced if it exists.")
      ->required();
  AddField(verb, "--split", "split", gallery,
           "train, val or test. Repeatable. Default: all that there are.")
      ->allow_extra_args(false)
      ->check(CLI::IsMember({"train", "val", "test"}));
  AddField(verb, "--limit", "limit", gallery,
           "Most samples, spread evenly over all.")
      ->check(CLI::Range(1, 5000));
  AddField(verb, "--thumbnail", "thumbnail", gallery,
           "Longer side of the pictures in pixels.")
      ->check(CLI::Range(32, 1024));
  OnVerb(verb, line, request, WriteGallery);
}

}  // namespace transect
