/// \file
/// What a synthetic scene holds, in exact integers: the record that planning
/// fills, language describes and rendering draws.
///
/// Lengths inside of shapes are in thousandths of the half length; positions
/// are in 1/256 pixel, x to the right, y down; angles in 1/64 turn.
#ifndef TRANSECT_DATA_SYNTHETIC_SCENE_SCENE_H_
#define TRANSECT_DATA_SYNTHETIC_SCENE_SCENE_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "data/synthetic/scene/land.h"

namespace transect {

/// Positions per pixel.
inline constexpr int kSubpixels = 256;

/// Colors that sentences name; kNone for categories that no color describes.
enum class ColorName : uint8_t {
  kNone,
  kBlack,
  kBlue,
  kBrown,
  kCyan,
  kGray,
  kGreen,
  kOrange,
  kPurple,
  kRed,
  kWhite,
  kYellow,
};
inline constexpr int kColorNames = 12;

/// One object.
struct SceneObject {
  /// 0 to 19, see data/annotations/rrsisd.h.
  int category = 0;
  ColorName color = ColorName::kNone;
  /// Direction of the shape's long axis, 0 .. kDirections - 1.
  int angle = 0;
  /// Center and half length, 1/256 pixel.
  int center_x = 0;
  int center_y = 0;
  int half_length = 0;
  /// Half width of long things whose width their surroundings decide, such as
  /// a bridge's road, in thousandths of the half length; 0 for all others.
  int half_width = 0;
  /// Draws the variant and the details.
  uint32_t look = 0;
  /// True for the shapes of scenes that are to scale (detail.h), false for
  /// icons (shapes.h).
  bool detailed = false;
  /// Extent of the mask in pixels {x1, y1, x2, y2}, x2 and y2 exclusive.
  std::array<int, 4> box = {0, 0, 0, 0};
  /// Pixels of the mask.
  int64_t area = 0;
  /// The mask inside of `box`, row-major bytes 0 and 1.
  std::vector<uint8_t> mask;
};

/// One image before it is rendered.
struct Scene {
  /// Side in pixels.
  int size = 0;
  /// The land of a scene that is to scale; land.gsd_cm is 0 in all others.
  Land land;
  std::vector<SceneObject> objects;
  /// Index of the object that the sentence names.
  int target = 0;
  std::string sentence;
};

}  // namespace transect

#endif  // TRANSECT_DATA_SYNTHETIC_SCENE_SCENE_H_
