/// \file
/// The picture of an evaluation: the first items of the split with their
/// sentences, true masks and predicted masks, written as samples.png beside the
/// result. For people; nothing reads it back.
#ifndef TRANSECT_LAUNCH_EVALUATION_SAMPLE_SHEET_H_
#define TRANSECT_LAUNCH_EVALUATION_SAMPLE_SHEET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "data/image/contact_sheet.h"
#include "data/index/dataset_index.h"
#include "metrics/metric_log.pb.h"

namespace transect {

/// A predicted mask, row-major; any byte but 0 is in it.
struct SheetMask {
  absl::Span<const uint8_t> pixels;
  int height = 0;
  int width = 0;
};

/// Collects up to a number of items, then draws them.
class SampleSheet {
 public:
  /// Takes the first `capacity` items that are added; 0 makes no picture.
  explicit SampleSheet(int capacity) : capacity_(capacity) {}

  /// Adds `sample` with its predicted mask, which is drawn at the size of the
  /// annotation, and the counts by which it was scored. Does nothing once the
  /// sheet is full, and leaves an item out whose image and annotation differ in
  /// size. Errors: DATA if the image cannot be decoded.
  absl::Status Add(const Sample& sample, const SheetMask& predicted,
                   const PixelCounts& counts);

  /// Writes the picture, unless no item was taken.
  absl::Status Write(const std::string& path) const;

  /// Whether Write would write something.
  bool empty() const { return items_.empty(); }

 private:
  size_t capacity_;
  std::vector<ContactSheetItem> items_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EVALUATION_SAMPLE_SHEET_H_
