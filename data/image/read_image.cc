#include "data/image/read_image.h"

#include <algorithm>
#include <cstdint>
#include <opencv2/core.hpp>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/image/image_header.h"
#include "data/image/image_limits.h"
#include "data/io/file.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr int64_t kMaxFileBytes = int64_t{1} << 30;
// Values of a sensor with 12 bits are below.
constexpr int kLeastBrightest = 4096;

absl::StatusOr<cv::Mat> Decode(absl::string_view bytes,
                               absl::string_view name) {
  // What it prints names neither file nor reason better than we do.
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  try {
    const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U,
                         const_cast<char*>(bytes.data()));
    cv::Mat pixels = cv::imdecode(buffer, cv::IMREAD_UNCHANGED);
    if (pixels.empty()) {
      return CannotDecode(name,
                          "it is damaged, cut off or of a kind that OpenCV "
                          "does not decode");
    }
    return pixels;
  } catch (const cv::Exception& error) {
    return CannotDecode(name, error.err);
  }
}

absl::Status To8Bits(absl::string_view name, cv::Mat* pixels,
                     std::vector<std::string>* notes) {
  if (pixels->depth() == CV_8U) return absl::OkStatus();
  if (pixels->depth() != CV_16U) {
    return CannotDecode(name,
                        "its channels are neither 8 nor 16 bits of unsigned "
                        "integers; convert it to 8 bits first");
  }
  double brightest = 0;
  cv::minMaxIdx(pixels->reshape(1), nullptr, &brightest);
  if (brightest < kLeastBrightest) {
    return CannotDecode(
        name, absl::StrCat("its 16 bits hold values up to ", brightest,
                           " of 65535, which would be nearly black: these are "
                           "counts of a sensor, not a picture; stretch it to 8 "
                           "bits first, such as by gdal_translate -ot Byte "
                           "-scale"));
  }
  pixels->convertTo(*pixels, CV_8U, 1.0 / 257);
  notes->push_back(absl::StrCat("16 bits a channel (largest value ", brightest,
                                ") were divided by 257"));
  return absl::OkStatus();
}

absl::Status ToThreeChannels(absl::string_view name, cv::Mat* pixels,
                             std::vector<std::string>* notes) {
  switch (pixels->channels()) {
    case 3:
      return absl::OkStatus();
    case 1: {
      const cv::Mat gray = *pixels;
      cv::merge(std::vector<cv::Mat>{gray, gray, gray}, *pixels);
      notes->push_back("one channel was taken as gray");
      return absl::OkStatus();
    }
    case 4: {
      std::vector<cv::Mat> channels;
      cv::split(*pixels, channels);
      double least = 0;
      cv::minMaxIdx(channels[3], &least, nullptr);
      const double opaque = pixels->depth() == CV_16U ? 65535 : 255;
      notes->push_back(
          least >= opaque
              ? "the fourth of four channels, all opaque, was dropped"
              : "the fourth of four channels (alpha or infrared) was dropped, "
                "and it is not the same everywhere");
      channels.pop_back();
      cv::merge(channels, *pixels);
      return absl::OkStatus();
    }
    default:
      return CannotDecode(name,
                          absl::StrCat("it has ", pixels->channels(),
                                       " channels, must have 1, 3 or 4; choose "
                                       "red, green and blue first"));
  }
}

}  // namespace

absl::StatusOr<ConvertedImage> ReadImageBytes(absl::string_view bytes,
                                              absl::string_view name) {
  ConvertedImage result;
  if (bytes.empty()) return CannotDecode(name, "the file is empty");
  switch (ImageKindOf(bytes)) {
    case ImageKind::kJpeg: {
      TRANSECT_ASSIGN_OR_RETURN(result.image, DecodeJpeg(bytes, name));
      return result;
    }
    case ImageKind::kPng:
    case ImageKind::kTiff:
    case ImageKind::kBigTiff:
      TRANSECT_RETURN_IF_ERROR(CheckImageHeader(bytes, name).status());
      break;
    default:
      return CannotDecode(name, "its contents are not JPEG, PNG or TIFF");
  }
  TRANSECT_ASSIGN_OR_RETURN(cv::Mat pixels, Decode(bytes, name));
  TRANSECT_RETURN_IF_ERROR(CheckImageSize(name, pixels.rows, pixels.cols));
  if (const int pages = TiffPages(bytes); pages > 1) {
    result.notes.push_back(
        absl::StrCat("the first of ", pages, " pages was taken"));
  }
  TRANSECT_RETURN_IF_ERROR(ToThreeChannels(name, &pixels, &result.notes));
  TRANSECT_RETURN_IF_ERROR(To8Bits(name, &pixels, &result.notes));
  const cv::Mat packed = pixels.clone();  // rows without gaps
  result.image.height = packed.rows;
  result.image.width = packed.cols;
  result.image.bgr.assign(packed.data, packed.data + packed.total() * 3);
  return result;
}

absl::StatusOr<ConvertedImage> ReadImage(const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string bytes,
                            ReadFile(path, kMaxFileBytes));
  return ReadImageBytes(bytes, path);
}

}  // namespace transect
