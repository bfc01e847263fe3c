#include "launch/worker/data_requests.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <string>
#include <system_error>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "data/data.pb.h"
#include "data/defects.h"
#include "data/gallery/gallery.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/spec.h"
#include "data/synthetic/blind_bounds.h"
#include "data/synthetic/synthesis.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/result.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

namespace fs = std::filesystem;

// A data set with a policy that keeps every record with a picture and a mask:
// a gallery is for looking at what is there.
FoundDataset EverythingThatShows(FoundDataset::Format format) {
  FoundDataset source;
  source.set_format(format);
  *source.mutable_policy() = MildestPolicy();
  // DROP would decode every image first; the page shows which ones are damaged.
  source.mutable_policy()->set_image_unreadable(DefectPolicy::ERROR);
  return source;
}

}  // namespace

absl::StatusOr<ExitCode::Code> SynthesizeData(
    const SynthesizeDataRequest& request) {
  DataSpec spec;
  *spec.mutable_synthesis() = request.spec();
  ResolveDataSpec(&spec);
  int64_t told = -1;
  const auto progress = [&told](int64_t done, int64_t total) {
    const int64_t percent = total > 0 ? 100 * done / total : 100;
    if (percent / 10 != told / 10 || told < 0) {
      std::cerr << done << " of " << total << " images\n";
      told = percent;
    }
  };
  TRANSECT_ASSIGN_OR_RETURN(
      const std::vector<BlindBound> bounds,
      WriteSyntheticDataset(spec.synthesis(), request.out(), progress));
  std::cout << request.out() << "\n";
  for (const BlindBound& bound : bounds) {
    std::cout << absl::StrFormat(
        "%-5s %6d images; gIoU without reading the sentence: all objects "
        "%.4f, most frequent place %.4f\n",
        bound.split, bound.images, bound.all_objects, bound.frequent_place);
  }
  std::cout.flush();
  return ExitCode::OK;
}

absl::StatusOr<ExitCode::Code> WriteGallery(const GalleryRequest& request) {
  std::vector<Sample> samples;
  const FoundDataset source = EverythingThatShows(request.format());
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
    const std::string left_out = index->use().Summary(
        split, static_cast<int64_t>(index->samples().size()));
    if (!left_out.empty()) {
      std::cerr << left_out << "\n";
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
