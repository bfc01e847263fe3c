#include "launch/evaluation/resolution.h"

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/masks/pillow_nearest.h"

namespace transect {

Sample AtResolution(const Sample& sample, int resolution) {
  Sample scored = sample;
  scored.image_height = resolution;
  scored.image_width = resolution;
  scored.mask = ResizeRleAsPillow(sample.mask, resolution, resolution);
  scored.ignored = ResizeRleAsPillow(sample.ignored, resolution, resolution);
  for (ObjectMask& other : scored.others) {
    other.mask = ResizeRleAsPillow(other.mask, resolution, resolution);
  }
  return scored;
}

std::string ContentAtResolution(const std::string& content, int resolution) {
  return resolution == 0 ? content
                         : Sha256(absl::StrCat("resolution=", resolution,
                                               "\ncontent=", content, "\n"));
}

}  // namespace transect
