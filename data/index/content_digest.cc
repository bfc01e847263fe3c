#include "data/index/content_digest.h"

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/io/file.h"
#include "data/masks/rle.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// The runs without zeros behind the first and without a last run of
// background that is 0 pixels long.
std::vector<uint32_t> CanonicalRuns(const RunList& runs) {
  std::vector<uint32_t> canonical;
  bool is_object = false;  // The kind of the run that `run` is.
  for (const uint32_t run : runs) {
    // Lists alternate and begin with background, so their length says the kind
    // of the last run.
    const bool last_is_object = canonical.size() % 2 == 0;
    if (canonical.empty()) {
      canonical.push_back(run);
    } else if (run > 0 && is_object == last_is_object) {
      canonical.back() += run;
    } else if (run > 0) {
      canonical.push_back(run);
    }
    is_object = !is_object;
  }
  return canonical;
}

}  // namespace

absl::StatusOr<std::string> ContentDigest(const DatasetIndex& split) {
  absl::flat_hash_map<std::string, std::string> image_digests;
  std::string lines;
  for (const Sample& sample : split.samples()) {
    std::string& image = image_digests[sample.image_path];
    if (image.empty()) {
      TRANSECT_ASSIGN_OR_RETURN(image, Sha256OfFile(sample.image_path));
    }
    absl::StrAppend(
        &lines, sample.id, " ", sample.mask.height, " ", sample.mask.width, " ",
        absl::StrJoin(CanonicalRuns(sample.mask.runs), ","), " ", image);
    if (sample.ignored.height > 0) {
      absl::StrAppend(&lines, " ignored ",
                      absl::StrJoin(CanonicalRuns(sample.ignored.runs), ","));
    }
    absl::StrAppend(&lines, "\n");
  }
  return Sha256(lines);
}

}  // namespace transect
