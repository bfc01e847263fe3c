/// \file
/// Facts of the RRSIS-D data set (Liu et al., "Rotated Multi-Scale Interaction
/// Network for Referring Remote Sensing Image Segmentation", CVPR 2024, and its
/// release): categories and the names of its files. Readers, writers and
/// reports share them.
#ifndef TRANSECT_DATA_ANNOTATIONS_RRSISD_H_
#define TRANSECT_DATA_ANNOTATIONS_RRSISD_H_

#include <array>
#include <cstdint>
#include <string>

namespace transect {

struct RrsisdCategory {
  /// Name in instances.json.
  const char* name;
  /// The words that sentences use for it, lower-case.
  const char* phrase;
};

/// By category id.
inline constexpr std::array<RrsisdCategory, 20> kRrsisdCategories = {{
    {"Expressway-Service-area", "expressway service area"},
    {"Expressway-toll-station", "expressway toll station"},
    {"airplane", "airplane"},
    {"airport", "airport"},
    {"baseballfield", "baseball field"},
    {"basketballcourt", "basketball court"},
    {"bridge", "bridge"},
    {"chimney", "chimney"},
    {"dam", "dam"},
    {"golffield", "golf field"},
    {"groundtrackfield", "ground track field"},
    {"harbor", "harbor"},
    {"overpass", "overpass"},
    {"ship", "ship"},
    {"stadium", "stadium"},
    {"storagetank", "storage tank"},
    {"tenniscourt", "tennis court"},
    {"trainstation", "train station"},
    {"vehicle", "vehicle"},
    {"windmill", "windmill"},
}};

/// Paths below a data set's root.
inline constexpr char kRrsisdRefs[] = "rrsisd/refs(unc).p";
inline constexpr char kRrsisdInstances[] = "rrsisd/instances.json";
inline constexpr char kRrsisdScenes[] = "rrsisd/scenes.jsonl";
inline constexpr char kRrsisdImages[] = "images/rrsisd/JPEGImages";
inline constexpr char kRrsisdBoxes[] = "images/rrsisd/ann_split";

/// `id` with at least five digits and `extension`: 2934, ".jpg" gives
/// "02934.jpg".
std::string RrsisdFileName(int64_t id, const char* extension);

}  // namespace transect

#endif  // TRANSECT_DATA_ANNOTATIONS_RRSISD_H_
