#include "data/masks/segmentation_json.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/strict_json.h"
#include "data/masks/polygon.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using ::nlohmann::json;

// `runs` are those of the polygons before it and become those of this one too.
absl::StatusOr<Rle> PolygonFromJson(const json& polygon, size_t number,
                                    const GivenSize& image, int64_t* runs) {
  std::vector<double> corners;
  corners.reserve(polygon.size());
  for (const json& coordinate : polygon) {
    if (!coordinate.is_number()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"segmentation\", polygon ", number, ": coordinate ", corners.size(),
          " is of type ", coordinate.type_name(), ", must be a number"));
    }
    corners.push_back(coordinate.get<double>());
  }
  absl::StatusOr<Rle> rle = RleFromPolygon(corners, image.height, image.width);
  if (!rle.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"segmentation\", polygon ", number, ": ", rle.status().message()));
  }
  *runs += static_cast<int64_t>(rle->runs.size());
  if (*runs > kMaxPolygonRuns) {
    return absl::InvalidArgumentError(absl::StrCat(
        "\"segmentation\" has polygons that cross so many columns that they "
        "make more than ",
        kMaxPolygonRuns, " runs; write a mask of this kind as run lengths"));
  }
  return rle;
}

// `polygons` is a list of lists, or one polygon.
absl::StatusOr<Rle> UnionOfPolygons(const json& polygons,
                                    const GivenSize& image) {
  if (image.height == 0 && image.width == 0) {
    return absl::InvalidArgumentError(
        "\"segmentation\" is a polygon, which needs the height and width of "
        "the image: of RRSISD in \"images\" of instances.json, of JSONL as "
        "\"height\" and \"width\" in the row");
  }
  int64_t runs = 0;
  if (polygons[0].is_number()) {
    return PolygonFromJson(polygons, 0, image, &runs);
  }
  std::vector<Rle> masks;
  for (const json& polygon : polygons) {
    if (!polygon.is_array()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"segmentation\", polygon ", masks.size(), " is of type ",
          polygon.type_name(), ", must be an array of numbers"));
    }
    TRANSECT_ASSIGN_OR_RETURN(
        Rle mask, PolygonFromJson(polygon, masks.size(), image, &runs));
    masks.push_back(std::move(mask));
  }
  return masks.size() == 1 ? masks[0] : RleUnion(masks);
}

// What str() makes of bytes in Python 3, which is how b"..." gets into JSON.
bool IsPrintedBytes(absl::string_view counts) {
  return counts.size() >= 3 &&
         (absl::StartsWith(counts, "b'") || absl::StartsWith(counts, "b\"")) &&
         counts.back() == counts[1];
}

}  // namespace

absl::StatusOr<Rle> RleFromJson(const json& segmentation,
                                const GivenSize& image) {
  const json* object = &segmentation;
  if (object->is_array()) {
    if (!object->empty() &&
        ((*object)[0].is_array() || (*object)[0].is_number())) {
      return UnionOfPolygons(segmentation, image);
    }
    if (object->size() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"segmentation\" has ", object->size(),
                       " elements, must be 1 of run lengths"));
    }
    object = &(*object)[0];
  }
  TRANSECT_ASSIGN_OR_RETURN(const json* size, JsonArray(*object, "size"));
  if (size->size() != 2 || !(*size)[0].is_number_integer() ||
      !(*size)[1].is_number_integer()) {
    return absl::InvalidArgumentError("\"size\" must be [height, width]");
  }
  const auto height = (*size)[0].get<int64_t>();
  const auto width = (*size)[1].get<int64_t>();
  TRANSECT_ASSIGN_OR_RETURN(const json* counts, JsonMember(*object, "counts"));
  if (counts->is_string()) {
    const std::string& text = counts->get_ref<const std::string&>();
    if (IsPrintedBytes(text)) {
      return absl::InvalidArgumentError(
          "\"counts\" is the printed form of Python bytes (b'...'): write "
          "counts.decode(\"ascii\") to the file, not str(counts)");
    }
    return DecodeRleString(text, height, width);
  }
  if (!counts->is_array()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"counts\" is of type ", counts->type_name(),
                     ", must be a string or an array of integers"));
  }
  std::vector<int64_t> runs;
  runs.reserve(counts->size());
  for (const json& run : *counts) {
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
