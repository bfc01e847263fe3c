#include "data/image/prediction_picture.h"

#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "data/image/encode.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Blue, green, red.
const cv::Scalar kMaskColor(40, 130, 255);
const cv::Scalar kTruthColor(115, 158, 0);
const cv::Scalar kOutlineColor(255, 255, 255);
const cv::Scalar kHaloColor(20, 20, 20);
const cv::Scalar kPaper(250, 250, 250);
const cv::Scalar kInk(35, 35, 35);
const cv::Scalar kPaleInk(120, 120, 120);
// Of an activation map, at the ends of its scale.
const cv::Vec3f kBelow(172, 102, 33);
const cv::Vec3f kAbove(43, 24, 178);
// How much of the image the colors cover there; most of a map is below.
constexpr float kMostCoverBelow = 0.5f;
constexpr float kMostCoverAbove = 0.85f;
constexpr double kLeastLimit = 1;
constexpr int kLeastSide = 384;
constexpr size_t kMostLines = 3;
constexpr int kSmallQuality = 68;

absl::StatusOr<std::string> Png(const cv::Mat& picture) {
  std::vector<uint8_t> bytes;
  if (!cv::imencode(".png", picture, bytes)) {
    return absl::InternalError("PNG encoding failed");
  }
  return std::string(bytes.begin(), bytes.end());
}

absl::Status Check(const Image& image, size_t values, absl::string_view what) {
  const size_t pixels = static_cast<size_t>(image.height) * image.width;
  if (image.height < 1 || image.width < 1 || image.bgr.size() != 3 * pixels ||
      values != pixels) {
    return absl::InvalidArgumentError(absl::StrCat(
        "an image of ", image.height, " x ", image.width, " pixels has ",
        image.bgr.size(), " bytes and ", values, " values of the ", what));
  }
  return absl::OkStatus();
}

// A mask or a map by itself.
absl::Status CheckMap(size_t values, int height, int width,
                      absl::string_view what) {
  if (height < 1 || width < 1 ||
      values != static_cast<size_t>(height) * width) {
    return absl::InvalidArgumentError(absl::StrCat("a ", what, " of ", height,
                                                   " x ", width, " pixels has ",
                                                   values, " values"));
  }
  return absl::OkStatus();
}

cv::Mat View(const Image& image) {
  return cv::Mat(image.height, image.width, CV_8UC3,
                 const_cast<uint8_t*>(image.bgr.data()));
}

// Whole factor that an image is drawn larger by.
int Magnification(const Image& image) {
  const int side = std::min(image.height, image.width);
  return std::max(1, (kLeastSide + side - 1) / side);
}

cv::Mat Magnified(const cv::Mat& from, int factor, int how) {
  if (factor == 1) return from.clone();
  cv::Mat large;
  cv::resize(from, large, cv::Size(), factor, factor, how);
  return large;
}

// Letters for the width of a picture.
struct Type {
  double scale;
  int thickness;
  int line;  // pixels from one line to the next
  int margin;
};

Type TypeFor(int width) {
  const double scale = std::clamp(width / 900.0, 0.45, 3.0);
  return {scale, std::max(1, static_cast<int>(std::lround(scale * 1.3))),
          static_cast<int>(std::lround(scale * 34)),
          static_cast<int>(std::lround(scale * 16))};
}

int WidthOf(const std::string& text, const Type& type) {
  int baseline = 0;
  return cv::getTextSize(text, cv::FONT_HERSHEY_SIMPLEX, type.scale,
                         type.thickness, &baseline)
      .width;
}

std::string Ascii(absl::string_view text) {
  std::string ascii;
  for (const char c : text) {
    // The bytes behind the first of a character draw nothing.
    if ((static_cast<uint8_t>(c) & 0xC0) == 0x80) continue;
    ascii.push_back(absl::ascii_isprint(c) ? c : '?');
  }
  return ascii;
}

// Lines that fit `width`.
std::vector<std::string> Broken(absl::string_view text, const Type& type,
                                int width) {
  std::vector<std::string> lines;
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    std::string longer = lines.empty() ? std::string(word)
                                       : absl::StrCat(lines.back(), " ", word);
    if (!lines.empty() && WidthOf(longer, type) <= width) {
      lines.back() = std::move(longer);
      continue;
    }
    lines.emplace_back(word);
  }
  if (lines.size() > kMostLines) {
    lines.resize(kMostLines);
    absl::StrAppend(&lines.back(), " ...");
  }
  for (std::string& line : lines) {
    while (WidthOf(line, type) > width && line.size() > 1) line.pop_back();
  }
  return lines;
}

void Write(const std::string& text, const Type& type, int x, int y,
           const cv::Scalar& color, cv::Mat* picture) {
  cv::putText(*picture, text, cv::Point(x, y), cv::FONT_HERSHEY_SIMPLEX,
              type.scale, color, type.thickness, cv::LINE_AA);
}

// Draws the outlines of `inside`, white on a dark halo.
void DrawOutlines(const cv::Mat& inside, const Type& type, cv::Mat* picture) {
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(inside.clone(), contours, cv::RETR_LIST,
                   cv::CHAIN_APPROX_NONE);
  const int line = std::max(1, static_cast<int>(std::lround(type.scale * 2)));
  cv::drawContours(*picture, contours, -1, kHaloColor, line + 2);
  cv::drawContours(*picture, contours, -1, kOutlineColor, line);
}

// What is named stays bright in `color`, the rest steps back.
void DrawMask(const cv::Mat& inside, const cv::Scalar& color, const Type& type,
              cv::Mat* picture) {
  const cv::Mat tint(picture->size(), picture->type(), color);
  cv::Mat named;
  cv::addWeighted(*picture, 0.62, tint, 0.38, 0, named);
  picture->convertTo(*picture, -1, 0.72);
  named.copyTo(*picture, inside);
  DrawOutlines(inside, type, picture);
}

// Colors `picture` by `values`, whose ends of the scale are -limit and limit.
void Color(const cv::Mat& values, double limit, cv::Mat* picture) {
  for (int y = 0; y < picture->rows; ++y) {
    const float* const value = values.ptr<float>(y);
    cv::Vec3b* const pixel = picture->ptr<cv::Vec3b>(y);
    for (int x = 0; x < picture->cols; ++x) {
      const float share =
          std::clamp(value[x] / static_cast<float>(limit), -1.0f, 1.0f);
      const float cover =
          share < 0 ? -share * kMostCoverBelow : share * kMostCoverAbove;
      const cv::Vec3f& color = share < 0 ? kBelow : kAbove;
      for (int c = 0; c < 3; ++c) {
        pixel[x][c] = cv::saturate_cast<uint8_t>((1 - cover) * pixel[x][c] +
                                                 cover * color[c]);
      }
    }
  }
}

// The end of the scale of an activation map.
double LimitOf(absl::Span<const float> logits) {
  const auto [least, most] = std::minmax_element(logits.begin(), logits.end());
  return std::max(
      {kLeastLimit, std::abs<double>(*least), std::abs<double>(*most)});
}

// `values` in colors over the grayed `picture`, both of one size.
cv::Mat MapOver(const cv::Mat& picture, const cv::Mat& values, double limit) {
  cv::Mat gray;
  cv::cvtColor(picture, gray, cv::COLOR_BGR2GRAY);
  // Paler, so that both colors stand out.
  gray.convertTo(gray, -1, 0.6, 90);
  cv::Mat drawn;
  cv::cvtColor(gray, drawn, cv::COLOR_GRAY2BGR);
  Color(values, limit, &drawn);
  DrawOutlines(cv::Mat(values > 0), TypeFor(drawn.cols), &drawn);
  return drawn;
}

absl::StatusOr<std::string> JpegOf(const cv::Mat& picture) {
  Image image;
  image.height = picture.rows;
  image.width = picture.cols;
  const cv::Mat whole = picture.isContinuous() ? picture : picture.clone();
  image.bgr.assign(whole.datastart, whole.dataend);
  return EncodeJpeg(image, kSmallQuality);
}

// Draws the scale of an activation map with its bar's upper edge at `top`:
// -limit, the threshold 0 and limit.
void DrawScale(double limit, const Type& type, int top, cv::Mat* picture) {
  const int bar = type.line / 2;
  const int width = picture->cols - 2 * type.margin;
  cv::Mat values(bar, width, CV_32F);
  for (int x = 0; x < width; ++x) {
    values.col(x) = limit * (2.0 * x / std::max(1, width - 1) - 1);
  }
  cv::Mat place = (*picture)(cv::Rect(type.margin, top, width, bar));
  place.setTo(cv::Scalar(205, 205, 205));
  Color(values, limit, &place);
  const int middle = picture->cols / 2;
  cv::line(*picture, cv::Point(middle, top - type.margin / 3),
           cv::Point(middle, top + bar + type.margin / 3), kInk,
           type.thickness + 1);
  const int base = top + bar + type.line - type.margin / 2;
  const std::string left = absl::StrFormat("%.2f", -limit);
  const std::string right = absl::StrFormat("+%.2f logit", limit);
  const int right_x = picture->cols - type.margin - WidthOf(right, type);
  Write(left, type, type.margin, base, kPaleInk, picture);
  Write(right, type, right_x, base, kPaleInk, picture);
  // The shorter one where there is little room.
  for (const char* const text : {"0 = threshold", "0"}) {
    const int x = middle - WidthOf(text, type) / 2;
    if (x > type.margin + WidthOf(left, type) + type.margin / 2 &&
        x + WidthOf(text, type) + type.margin / 2 < right_x) {
      Write(text, type, x, base, kInk, picture);
      break;
    }
  }
}

}  // namespace

absl::StatusOr<std::string> MaskPng(absl::Span<const uint8_t> mask, int height,
                                    int width) {
  TRANSECT_RETURN_IF_ERROR(CheckMap(mask.size(), height, width, "mask"));
  const cv::Mat view(height, width, CV_8U, const_cast<uint8_t*>(mask.data()));
  return Png(cv::Mat(view != 0));
}

absl::StatusOr<std::string> OverlayPng(const Image& image,
                                       absl::Span<const uint8_t> mask,
                                       absl::string_view sentence,
                                       absl::string_view legend) {
  if (const absl::Status status = Check(image, mask.size(), "mask");
      !status.ok()) {
    return status;
  }
  const int factor = Magnification(image);
  const cv::Mat small(image.height, image.width, CV_8U,
                      const_cast<uint8_t*>(mask.data()));
  const cv::Mat inside =
      Magnified(cv::Mat(small != 0), factor, cv::INTER_NEAREST);
  cv::Mat drawn = Magnified(View(image), factor, cv::INTER_CUBIC);
  const Type type = TypeFor(drawn.cols);

  DrawMask(inside, kMaskColor, type, &drawn);

  const int text_width = drawn.cols - 2 * type.margin;
  const std::vector<std::string> lines =
      Broken(Ascii(sentence), type, text_width);
  const int rows = static_cast<int>(lines.size()) + 1;
  cv::Mat picture(drawn.rows + rows * type.line + type.margin, drawn.cols,
                  CV_8UC3, kPaper);
  drawn.copyTo(picture(cv::Rect(0, 0, drawn.cols, drawn.rows)));
  int y = drawn.rows + type.line;
  for (const std::string& text : lines) {
    Write(text, type, type.margin, y, kInk, &picture);
    y += type.line;
  }
  const int swatch = static_cast<int>(std::lround(type.line * 0.5));
  cv::rectangle(picture, cv::Rect(type.margin, y - swatch, swatch, swatch),
                kMaskColor, cv::FILLED);
  Write(Ascii(legend), type, type.margin + swatch + type.margin / 2, y,
        kPaleInk, &picture);
  return Png(picture);
}

absl::StatusOr<std::string> ActivationPng(const Image& image,
                                          absl::Span<const float> logits,
                                          absl::string_view sentence,
                                          absl::string_view legend) {
  if (const absl::Status status = Check(image, logits.size(), "activation map");
      !status.ok()) {
    return status;
  }
  const auto [least, most] = std::minmax_element(logits.begin(), logits.end());
  const double limit = LimitOf(logits);
  const int factor = Magnification(image);
  const cv::Mat small(image.height, image.width, CV_32F,
                      const_cast<float*>(logits.data()));
  const cv::Mat drawn =
      MapOver(Magnified(View(image), factor, cv::INTER_CUBIC),
              Magnified(small, factor, cv::INTER_LINEAR), limit);
  const Type type = TypeFor(drawn.cols);

  const int text_width = drawn.cols - 2 * type.margin;
  const std::vector<std::string> title = Broken(
      "Activation map: red where the network looks for", type, text_width);
  const std::vector<std::string> named =
      Broken(Ascii(sentence), type, text_width);
  const std::vector<std::string> below = Broken(
      absl::StrCat("logits ", absl::StrFormat("%.2f to %.2f", *least, *most),
                   legend.empty() ? "" : "; ", Ascii(legend)),
      type, text_width);
  const int rows =
      static_cast<int>(title.size() + named.size() + below.size()) + 2;
  cv::Mat picture(drawn.rows + rows * type.line + 2 * type.margin, drawn.cols,
                  CV_8UC3, kPaper);
  drawn.copyTo(picture(cv::Rect(0, 0, drawn.cols, drawn.rows)));
  int y = drawn.rows + type.line;
  const auto write = [&](const std::vector<std::string>& lines,
                         const cv::Scalar& color) {
    for (const std::string& line : lines) {
      Write(line, type, type.margin, y, color, &picture);
      y += type.line;
    }
  };
  write(title, kPaleInk);
  write(named, kInk);
  DrawScale(limit, type, y - type.line / 2, &picture);
  y += 2 * type.line;
  write(below, kPaleInk);
  return Png(picture);
}

Image FitTo(const Image& image, int side) {
  const int longer = std::max(image.height, image.width);
  const auto scaled = [&](int length) {
    return std::max(1, static_cast<int>(std::lround(
                           static_cast<double>(length) * side / longer)));
  };
  Image fitted;
  fitted.height = scaled(image.height);
  fitted.width = scaled(image.width);
  fitted.bgr.resize(size_t{3} * fitted.height * fitted.width);
  cv::Mat target = View(fitted);
  cv::resize(View(image), target, target.size(), 0, 0,
             longer > side ? cv::INTER_AREA : cv::INTER_CUBIC);
  return fitted;
}

absl::StatusOr<std::string> SmallJpeg(const Image& image) {
  return EncodeJpeg(image, kSmallQuality);
}

absl::StatusOr<std::string> SmallMaskJpeg(const Image& image,
                                          absl::Span<const uint8_t> mask,
                                          int height, int width,
                                          MaskColor color) {
  TRANSECT_RETURN_IF_ERROR(CheckMap(mask.size(), height, width, "mask"));
  const cv::Mat view(height, width, CV_8U, const_cast<uint8_t*>(mask.data()));
  cv::Mat drawn = View(image).clone();
  // The share of each pixel that is in the mask, of 255.
  cv::Mat share;
  cv::resize(cv::Mat(view != 0), share, drawn.size(), 0, 0,
             height > drawn.rows ? cv::INTER_AREA : cv::INTER_NEAREST);
  cv::Mat inside = share >= 128;
  if (cv::countNonZero(inside) == 0) inside = share > 0;
  DrawMask(inside, color == MaskColor::kTruth ? kTruthColor : kMaskColor,
           TypeFor(drawn.cols), &drawn);
  return JpegOf(drawn);
}

absl::StatusOr<std::string> SmallActivationJpeg(const Image& image,
                                                absl::Span<const float> logits,
                                                int height, int width) {
  TRANSECT_RETURN_IF_ERROR(
      CheckMap(logits.size(), height, width, "activation map"));
  const cv::Mat view(height, width, CV_32F, const_cast<float*>(logits.data()));
  cv::Mat values;
  cv::resize(view, values, cv::Size(image.width, image.height), 0, 0,
             cv::INTER_LINEAR);
  return JpegOf(MapOver(View(image), values, LimitOf(logits)));
}

}  // namespace transect
