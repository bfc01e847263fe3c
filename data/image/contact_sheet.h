// A picture of predictions for people: one row per item, with the image, the
// true mask and the predicted mask drawn over it, and the sentence above.
//
// Input: pixels and masks in memory; output: one PNG file.

#ifndef TRANSECT_DATA_IMAGE_CONTACT_SHEET_H_
#define TRANSECT_DATA_IMAGE_CONTACT_SHEET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace transect {

// One item of a sheet.
struct ContactSheetItem {
  // Side lengths of image and masks in pixels.
  int height = 0;
  int width = 0;
  // [height, width, 3] interleaved blue, green, red.
  std::vector<uint8_t> bgr;
  // [height, width], 0 or 1.
  std::vector<uint8_t> truth;
  // [height, width], 0 or 1.
  std::vector<uint8_t> prediction;
  // The sentence that names the object; ASCII is drawn as written.
  std::string sentence;
  // Intersection over union of the two masks, 0 to 1.
  double iou = 0;
};

// Draws `items`, two to a row, each as three panels of `panel` pixels (image,
// truth in green, prediction in orange) under its sentence and IoU, and writes
// a PNG to `path` at once or not at all.
//
// Errors: InvalidArgument if there is no item, a side is not positive or a
// buffer's size disagrees with the sides; the errors of WriteFileAtomic.
absl::Status WriteContactSheet(const std::vector<ContactSheetItem>& items,
                               int panel, const std::string& path);

}  // namespace transect

#endif  // TRANSECT_DATA_IMAGE_CONTACT_SHEET_H_
