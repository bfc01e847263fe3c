#include "data/masks/segmentation_json.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/strict_json.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {

absl::StatusOr<Rle> RleFromJson(const nlohmann::json& segmentation) {
  const nlohmann::json* object = &segmentation;
  if (object->is_array()) {
    if (object->size() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"segmentation\" has ", object->size(),
                       " elements, must be 1 of run lengths"));
    }
    object = &(*object)[0];
  }
  TRANSECT_ASSIGN_OR_RETURN(const nlohmann::json* size,
                            JsonArray(*object, "size"));
  if (size->size() != 2 || !(*size)[0].is_number_integer() ||
      !(*size)[1].is_number_integer()) {
    return absl::InvalidArgumentError("\"size\" must be [height, width]");
  }
  const auto height = (*size)[0].get<int64_t>();
  const auto width = (*size)[1].get<int64_t>();
  TRANSECT_ASSIGN_OR_RETURN(const nlohmann::json* counts,
                            JsonMember(*object, "counts"));
  if (counts->is_string()) {
    return DecodeRleString(counts->get_ref<const std::string&>(), height,
                           width);
  }
  if (!counts->is_array()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"counts\" is of type ", counts->type_name(),
                     ", must be a string or an array of integers"));
  }
  std::vector<int64_t> runs;
  runs.reserve(counts->size());
  for (const nlohmann::json& run : *counts) {
    if (!run.is_number_integer()) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"counts\"[", runs.size(), "] is of type ",
                       run.type_name(), ", must be an integer"));
    }
    runs.push_back(run.get<int64_t>());
  }
  return MakeRle(height, width, runs);
}

}  // namespace transect
