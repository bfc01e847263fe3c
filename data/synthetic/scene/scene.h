/// \file
/// What a synthetic scene holds, in exact integers: the record that planning
/// fills, language describes and rendering draws.
///
/// Lengths inside of shapes are in thousandths of the half length; positions
/// are in 1/256 pixel, x to the right, y down; angles in 1/64 turn.
#ifndef TRANSECT_DATA_SYNTHETIC_SCENE_SCENE_H_
#define TRANSECT_DATA_SYNTHETIC_SCENE_SCENE_H_

#include <array>
#include <cstddef>
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

  /// True if the mask has pixel (x, y), which may lie outside of the box.
  bool Covers(int x, int y) const {
    return x >= box[0] && y >= box[1] && x < box[2] && y < box[3] &&
           mask[static_cast<size_t>(y - box[1]) * (box[2] - box[0]) +
                (x - box[0])] != 0;
  }
  /// Calls use(x1, x2, y) for each run of pixels x1 .. x2 - 1 of the mask, row
  /// by row.
  template <typename Use>
  void ForEachRun(Use use) const {
    const int width = box[2] - box[0];
    const uint8_t* row = mask.data();
    for (int y = box[1]; y < box[3]; ++y, row += width) {
      for (int x = 0; x < width;) {
        const int first = x;
        while (x < width && row[x] == row[first]) ++x;
        if (row[first] != 0) use(box[0] + first, box[0] + x, y);
      }
    }
  }
  /// Calls use(x, y) for each pixel of the mask, row by row.
  template <typename Use>
  void ForEachPixel(Use use) const {
    ForEachRun([&use](int x1, int x2, int y) {
      for (int x = x1; x < x2; ++x) use(x, y);
    });
  }
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
