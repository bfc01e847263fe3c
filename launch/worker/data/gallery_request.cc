#include "launch/worker/data/gallery_request.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "data/data.pb.h"
#include "data/defects.h"
#include "data/gallery/gallery.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

// Keeps every record that has an image and a mask, whatever else is wrong with
// it: a gallery is for looking at what is there.
FoundDataset AllVisibleRecords(FoundDataset source) {
  *source.mutable_policy() = MildestPolicy();
  // DROP would decode every image first; the page shows which ones are damaged.
  source.mutable_policy()->set_image_unreadable(DefectPolicy::ERROR);
  return source;
}

}  // namespace

absl::StatusOr<ExitCode::Code> WriteGallery(const GalleryRequest& request) {
  std::vector<Sample> samples;
  const FoundDataset source = AllVisibleRecords(request.reading());
  absl::Status missing;
  const std::vector<std::string> all = {"train", "val", "test"};
  for (const std::string& split : all) {
    const bool named =
        std::count(request.split().begin(), request.split().end(), split) != 0;
    if (request.split_size() > 0 && !named) {
      continue;
    }
    absl::StatusOr<DatasetIndex> index =
        DatasetIndex::OpenFound(request.data(), source, split,
                                /*cache_dir=*/"");
    if (absl::IsNotFound(index.status()) && !named) {
      missing.Update(index.status());
      continue;
    }
    TRANSECT_RETURN_IF_ERROR(index.status());
    const std::string use = index->use().Summary(split);
    if (!use.empty()) {
      std::cerr << use << "\n";
    }
    samples.insert(samples.end(), index->samples().begin(),
                   index->samples().end());
  }
  if (samples.empty()) {
    return missing;
  }
  GalleryOptions options;
  options.title = fs::path(request.data()).lexically_normal().string();
  options.limit = request.limit();
  options.thumbnail = request.thumbnail();
  const GalleryPage page = MakeGallery(samples, options);
  TRANSECT_RETURN_IF_ERROR(WriteFileAtomic(request.out(), page.html));
  std::cout << absl::StrFormat("%s: %d of %d samples, %.1f MiB", request.out(),
                               page.shown, samples.size(),
                               static_cast<double>(page.html.size()) / 1048576);
  if (page.unreadable > 0) {
    std::cout << "; " << page.unreadable << " images cannot be read";
  }
  std::cout << std::endl;
  return ExitCode::OK;
}

}  // namespace transect
