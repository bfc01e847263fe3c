/// \file
/// The XML files of RRSIS-D (`images/rrsisd/ann_split/00001.xml`), which come
/// from DIOR: the boxes of an image's objects and their descriptions. RRSIS-D's
/// references use the last description (issue 32 of Lsan2401/RMSIN).
#ifndef TRANSECT_DATA_ANNOTATIONS_RRSISD_BOXES_H_
#define TRANSECT_DATA_ANNOTATIONS_RRSISD_BOXES_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// Largest file in bytes and deepest nesting of elements.
inline constexpr int64_t kMaxXmlBytes = int64_t{1} << 20;
inline constexpr int kMaxXmlDepth = 16;

/// One `object`.
struct XmlObject {
  /// Category.
  std::string name;
  /// xmin, ymin, xmax, ymax as they stand in the file.
  std::array<int, 4> box = {0, 0, 0, 0};
  /// The sentence; empty where the object has none.
  std::string description;
};

/// One file.
struct XmlAnnotation {
  int width = 0;
  int height = 0;
  std::vector<XmlObject> objects;
};

/// Parses a file's contents. Document type declarations are refused, entities
/// of a file's own are never expanded. kInvalidArgument, beginning with
/// `file_name` or `file_name`:LINE:COLUMN, for text that is not UTF-8 or not
/// XML, a root other than `annotation`, more than kMaxXmlBytes or kMaxXmlDepth,
/// a missing `size` or `bndbox`, and numbers that are none or beyond 1,000,000.
absl::StatusOr<XmlAnnotation> ParseRrsisdXml(absl::string_view text,
                                             absl::string_view file_name);

}  // namespace transect

#endif  // TRANSECT_DATA_ANNOTATIONS_RRSISD_BOXES_H_
