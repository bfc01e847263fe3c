#include "data/image/decode.h"

#include <turbojpeg.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/image/image_header.h"
#include "data/image/image_limits.h"
#include "data/io/file.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr int64_t kMaxFileBytes = int64_t{256} << 20;

constexpr absl::string_view kJpegStart = "\xFF\xD8";

struct Destroy {
  void operator()(void* handle) const { tjDestroy(handle); }
};

uint32_t Byte(absl::string_view bytes, size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

// Big-endian, as JPEG and PNG have it.
uint32_t Word16(absl::string_view bytes, size_t at) {
  return Byte(bytes, at) << 8 | Byte(bytes, at + 1);
}

absl::Status CheckBits(absl::string_view name, int bits) {
  return bits <= 8
             ? absl::OkStatus()
             : CannotDecode(
                   name,
                   absl::StrCat("it has ", bits,
                                " bits per channel, at most 8 are supported; "
                                "scale it to 8 bits first"));
}

// True if some bytes of the segment could be an EXIF entry (tag 0x0112, type,
// count, value; 2 + 2 + 4 + 2 bytes) of an orientation that turns the image.
bool MayHoldOrientation(absl::string_view segment) {
  constexpr size_t kValue = 8;
  for (size_t i = 0; i + kValue + 2 <= segment.size(); ++i) {
    const uint32_t tag = Word16(segment, i);
    const uint32_t high = Byte(segment, i + kValue);
    const uint32_t low = Byte(segment, i + kValue + 1);
    if ((tag == 0x0112 && high == 0 && low >= 2 && low <= 8) ||
        (tag == 0x1201 && low == 0 && high >= 2 && high <= 8)) {
      return true;
    }
  }
  return false;
}

// Whether OpenCV might turn this JPEG. Errs on the side of yes: then OpenCV
// decides.
bool MayBeTurned(absl::string_view jpeg) {
  constexpr uint32_t kStartOfScan = 0xDA;
  constexpr uint32_t kApp1 = 0xE1;
  size_t at = kJpegStart.size();
  while (at + 4 <= jpeg.size() && Byte(jpeg, at) == 0xFF) {
    const uint32_t marker = Byte(jpeg, at + 1);
    if (marker == 0xFF) {  // Fill byte.
      ++at;
      continue;
    }
    if (marker == kStartOfScan) {
      return false;
    }
    const size_t length = Word16(jpeg, at + 2);
    if (marker == kApp1 && MayHoldOrientation(jpeg.substr(at + 2, length))) {
      return true;
    }
    at += 2 + length;
  }
  return false;
}

absl::Status DecodeWithOpenCv(absl::string_view bytes, absl::string_view name,
                              Image* image) {
  // ANYDEPTH keeps 16 bits, which would otherwise be cut to the upper 8.
  constexpr int kFlags = cv::IMREAD_COLOR | cv::IMREAD_ANYDEPTH;
  cv::Mat pixels;
  try {
    const cv::Mat file(1, static_cast<int>(bytes.size()), CV_8U,
                       const_cast<char*>(bytes.data()));
    pixels = cv::imdecode(file, kFlags);
  } catch (const cv::Exception& error) {
    return CannotDecode(name, error.err);
  }
  if (pixels.empty()) {
    return CannotDecode(name,
                        "it is damaged or of a kind that OpenCV does not "
                        "read");
  }
  TRANSECT_RETURN_IF_ERROR(CheckImageSize(name, pixels.rows, pixels.cols));
  TRANSECT_RETURN_IF_ERROR(
      CheckBits(name, static_cast<int>(8 * pixels.elemSize1())));
  image->height = pixels.rows;
  image->width = pixels.cols;
  image->bgr.clear();
  image->bgr.reserve(pixels.total() * 3);
  for (int y = 0; y < pixels.rows; ++y) {
    const uint8_t* const row = pixels.ptr<uint8_t>(y);
    image->bgr.insert(image->bgr.end(), row, row + int64_t{3} * pixels.cols);
  }
  return absl::OkStatus();
}

absl::Status DecodeCheckedWithOpenCv(absl::string_view bytes,
                                     absl::string_view name, Image* image) {
  TRANSECT_ASSIGN_OR_RETURN(const ImageHeader header,
                            CheckImageHeader(bytes, name));
  TRANSECT_RETURN_IF_ERROR(CheckBits(name, header.bits));
  return DecodeWithOpenCv(bytes, name, image);
}

absl::Status DecodeBytesTo(absl::string_view bytes, absl::string_view name,
                           Image* image) {
  if (bytes.empty()) {
    return CannotDecode(name, "the file is empty");
  }
  switch (ImageKindOf(bytes)) {
    case ImageKind::kJpeg:
      return DecodeJpegTo(bytes, name, image);
    case ImageKind::kPng:
    case ImageKind::kTiff:
    case ImageKind::kBmp:
      return DecodeCheckedWithOpenCv(bytes, name, image);
    case ImageKind::kBigTiff:
      return CannotDecode(name,
                          "it is a BigTIFF file (64-bit offsets), only plain "
                          "TIFF is supported");
    case ImageKind::kUnknown:
      break;
  }
  return CannotDecode(name, "it is not a JPEG, PNG, TIFF or BMP file");
}

}  // namespace

absl::Status DecodeJpegTo(absl::string_view bytes, absl::string_view name,
                          Image* image) {
  if (bytes.empty()) {
    return CannotDecode(name, "the file is empty");
  }
  const std::unique_ptr<void, Destroy> decoder(tjInitDecompress());
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0, height = 0, subsampling = 0, colors = 0;
  if (decoder == nullptr ||
      tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height,
                          &subsampling, &colors) != 0) {
    return CannotDecode(name, tjGetErrorStr2(decoder.get()));
  }
  if (colors != TJCS_YCbCr && colors != TJCS_RGB && colors != TJCS_GRAY) {
    return CannotDecode(name,
                        "it has 4 color components (CMYK), only gray and color "
                        "are supported");
  }
  TRANSECT_RETURN_IF_ERROR(CheckImageSize(name, height, width));
  image->height = height;
  image->width = width;
  image->bgr.resize(static_cast<size_t>(height) * width * 3);
  if (tjDecompress2(decoder.get(), data, bytes.size(), image->bgr.data(), width,
                    /*pitch=*/0, height, TJPF_BGR,
                    TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) != 0) {
    return CannotDecode(name, tjGetErrorStr2(decoder.get()));
  }
  return MayBeTurned(bytes) ? DecodeWithOpenCv(bytes, name, image)
                            : absl::OkStatus();
}

absl::StatusOr<Image> DecodeJpeg(absl::string_view bytes,
                                 absl::string_view name) {
  Image image;
  TRANSECT_RETURN_IF_ERROR(DecodeJpegTo(bytes, name, &image));
  return image;
}

absl::StatusOr<Image> DecodeImageBytes(absl::string_view bytes,
                                       absl::string_view name) {
  Image image;
  TRANSECT_RETURN_IF_ERROR(DecodeBytesTo(bytes, name, &image));
  return image;
}

absl::StatusOr<std::vector<uint8_t>> DecodeAlpha(absl::string_view bytes,
                                                 absl::string_view name) {
  TRANSECT_ASSIGN_OR_RETURN(const ImageHeader header,
                            CheckImageHeader(bytes, name));
  TRANSECT_RETURN_IF_ERROR(CheckBits(name, header.bits));
  cv::Mat pixels;
  try {
    const cv::Mat file(1, static_cast<int>(bytes.size()), CV_8U,
                       const_cast<char*>(bytes.data()));
    pixels = cv::imdecode(file, cv::IMREAD_UNCHANGED);
  } catch (const cv::Exception& error) {
    return CannotDecode(name, error.err);
  }
  if (pixels.depth() != CV_8U || pixels.channels() != 4) {
    return CannotDecode(name, "its alpha channel cannot be read");
  }
  cv::Mat alpha;
  cv::extractChannel(pixels, alpha, 3);
  return std::vector<uint8_t>(alpha.data, alpha.data + alpha.total());
}

absl::StatusOr<Image> DecodeImage(const std::string& path) {
  Image image;
  TRANSECT_RETURN_IF_ERROR(DecodeImageTo(path, &image));
  return image;
}

absl::Status DecodeImageTo(const std::string& path, Image* image) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string bytes,
                            ReadFile(path, kMaxFileBytes));
  return DecodeBytesTo(bytes, path, image);
}

}  // namespace transect
