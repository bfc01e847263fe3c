#include "data/annotations/rrsisd.h"

#include "absl/strings/str_format.h"

namespace transect {

std::string RrsisdFileName(int64_t id, const char* extension) {
  return absl::StrFormat("%05d%s", id, extension);
}

}  // namespace transect
