#include "launch/evaluation/sample_sheet.h"

#include <utility>

#include "absl/status/statusor.h"
#include "data/image/decode.h"
#include "data/masks/rle.h"
#include "launch/rank/exit_codes.h"
#include "launch/store/result.pb.h"

namespace transect {
namespace {

constexpr int kPanel = 144;

}  // namespace

absl::Status SampleSheet::Add(const Sample& sample, const SheetMask& predicted,
                              const PixelCounts& counts) {
  if (items_.size() >= capacity_) {
    return absl::OkStatus();
  }
  absl::StatusOr<Image> image = DecodeImage(sample.image_path);
  if (!image.ok()) {
    return MarkExitCode(image.status(), ExitCode::DATA);
  }
  if (image->height != sample.mask.height ||
      image->width != sample.mask.width) {
    return absl::OkStatus();
  }
  ContactSheetItem item;
  item.height = image->height;
  item.width = image->width;
  item.bgr = std::move(image->bgr);
  item.truth = MaskFromRle(sample.mask);
  item.prediction = MaskFromRle(ResizeRleNearest(
      RleFromMask(predicted.pixels, predicted.height, predicted.width),
      item.height, item.width));
  item.sentence = sample.sentence;
  item.iou = counts.union_() == 0 ? 1
                                  : static_cast<double>(counts.intersection()) /
                                        static_cast<double>(counts.union_());
  items_.push_back(std::move(item));
  return absl::OkStatus();
}

absl::Status SampleSheet::Write(const std::string& path) const {
  if (items_.empty()) {
    return absl::OkStatus();
  }
  return MarkExitCode(WriteContactSheet(items_, kPanel, path),
                      ExitCode::INPUT_OUTPUT);
}

}  // namespace transect
