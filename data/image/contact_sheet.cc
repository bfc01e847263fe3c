#include "data/image/contact_sheet.h"

#include <algorithm>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "data/io/file.h"

namespace transect {
namespace {

constexpr int kColumns = 2;
constexpr int kGap = 6;
constexpr int kCaption = 20;
const cv::Scalar kTruthColor(80, 200, 60);
const cv::Scalar kPredictionColor(30, 140, 255);

absl::Status Check(const ContactSheetItem& item) {
  const int64_t pixels = int64_t{item.height} * item.width;
  if (item.height <= 0 || item.width <= 0 ||
      static_cast<int64_t>(item.bgr.size()) != 3 * pixels ||
      static_cast<int64_t>(item.truth.size()) != pixels ||
      static_cast<int64_t>(item.prediction.size()) != pixels) {
    return absl::InvalidArgumentError(absl::StrCat(
        "contact sheet: an item of ", item.height, "x", item.width, " has ",
        item.bgr.size(), " image bytes and masks of ", item.truth.size(),
        " and ", item.prediction.size(), " pixels"));
  }
  return absl::OkStatus();
}

// `image` with `mask` tinted and outlined in `color`, at panel size.
cv::Mat Overlay(const cv::Mat& image, const std::vector<uint8_t>& mask,
                const cv::Scalar& color, int panel) {
  const cv::Mat small(image.rows, image.cols, CV_8U,
                      const_cast<uint8_t*>(mask.data()));
  cv::Mat large;
  cv::resize(small, large, cv::Size(panel, panel), 0, 0, cv::INTER_NEAREST);
  cv::Mat out;
  cv::resize(image, out, cv::Size(panel, panel), 0, 0, cv::INTER_NEAREST);
  const cv::Mat tint(out.size(), out.type(), color);
  cv::Mat mixed;
  cv::addWeighted(out, 0.55, tint, 0.45, 0, mixed);
  mixed.copyTo(out, large);
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(large.clone(), contours, cv::RETR_EXTERNAL,
                   cv::CHAIN_APPROX_NONE);
  cv::drawContours(out, contours, -1, color, 1);
  return out;
}

// `text` cut so that it fits `width` pixels.
std::string Fit(std::string text, double scale, int width) {
  int baseline = 0;
  while (!text.empty() &&
         cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, scale, 1, &baseline)
                 .width > width) {
    text.pop_back();
  }
  return text;
}

}  // namespace

absl::Status WriteContactSheet(const std::vector<ContactSheetItem>& items,
                               int panel, const std::string& path) {
  if (items.empty() || panel < 16) {
    return absl::InvalidArgumentError(
        absl::StrCat("contact sheet: ", items.size(), " items at ", panel,
                     " pixels a panel; at least 1 item and 16 pixels"));
  }
  for (const ContactSheetItem& item : items) {
    if (absl::Status status = Check(item); !status.ok()) return status;
  }
  const int cell_width = 3 * (panel + kGap) + kGap;
  const int cell_height = kCaption + panel + kGap;
  const int columns = std::min<int>(kColumns, items.size());
  const int rows = (items.size() + columns - 1) / columns;
  cv::Mat sheet(rows * cell_height + kGap, columns * cell_width, CV_8UC3,
                cv::Scalar(255, 255, 255));
  for (size_t i = 0; i < items.size(); ++i) {
    const ContactSheetItem& item = items[i];
    const int x = (i % columns) * cell_width + kGap;
    const int y = (i / columns) * cell_height + kGap;
    constexpr double kScale = 0.42;
    const std::string iou = absl::StrFormat(" IoU %.2f", item.iou);
    cv::putText(sheet, Fit(item.sentence, kScale, 3 * panel - 70) + "," + iou,
                cv::Point(x, y + kCaption - 8), cv::FONT_HERSHEY_SIMPLEX,
                kScale, cv::Scalar(30, 30, 30), 1, cv::LINE_AA);
    const cv::Mat image(item.height, item.width, CV_8UC3,
                        const_cast<uint8_t*>(item.bgr.data()));
    cv::Mat plain;
    cv::resize(image, plain, cv::Size(panel, panel), 0, 0, cv::INTER_NEAREST);
    const cv::Mat panels[] = {
        plain, Overlay(image, item.truth, kTruthColor, panel),
        Overlay(image, item.prediction, kPredictionColor, panel)};
    for (int p = 0; p < 3; ++p) {
      panels[p].copyTo(sheet(
          cv::Rect(x + p * (panel + kGap), y + kCaption - 4, panel, panel)));
    }
  }
  std::vector<uint8_t> png;
  if (!cv::imencode(".png", sheet, png)) {
    return absl::InternalError("contact sheet: PNG encoding failed");
  }
  return WriteFileAtomic(path, std::string(png.begin(), png.end()));
}

}  // namespace transect
