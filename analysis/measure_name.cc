#include "analysis/measure_name.h"

#include <iterator>

#include "absl/strings/str_cat.h"

namespace transect {

std::string MeasureName(ReportCell::Kind kind) {
  // By number.
  constexpr const char* kNames[] = {"",
                                    "Pr@0.5",
                                    "Pr@0.6",
                                    "Pr@0.7",
                                    "Pr@0.8",
                                    "Pr@0.9",
                                    "cIoU",
                                    "gIoU",
                                    "permuted sentence",
                                    "all objects",
                                    "target > distractor",
                                    "permuted in category",
                                    "other object"};
  static_assert(std::size(kNames) == ReportCell::Kind_ARRAYSIZE);
  return ReportCell::Kind_IsValid(kind) ? kNames[kind] : "";
}

std::string ResolutionName(int resolution) {
  return resolution == 0
             ? "each image's own size"
             : absl::StrCat(resolution, " x ", resolution, " pixels");
}

}  // namespace transect
