#include "data/synthetic/version.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "third_party/system/library_versions.h"

namespace transect {

std::string SynthesisMaker() {
  return absl::StrCat(kSynthesisVersion, " jpeg=libjpeg-turbo-",
                      kTurbojpegVersion);
}

}  // namespace transect
