#include "data/image/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/image/decode.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Headers of aerial JPEG files end within some hundred bytes; embedded colour
// profiles and previews take up to 64 KiB a segment and are stepped over.
constexpr size_t kWindow = 4096;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}

  // Up to kWindow bytes from `offset`.
  absl::string_view At(uint64_t offset) {
    const ssize_t got =
        pread(descriptor_, window_, kWindow, static_cast<off_t>(offset));
    return {window_, static_cast<size_t>(got > 0 ? got : 0)};
  }

 private:
  int descriptor_;
  char window_[kWindow];
};

uint32_t Number(absl::string_view bytes, size_t offset, int size,
                bool little_endian) {
  uint32_t value = 0;
  for (int i = 0; i < size; ++i) {
    const int at = little_endian ? size - 1 - i : i;
    value = value << 8 | static_cast<uint8_t>(bytes[offset + at]);
  }
  return value;
}

struct Size64 {
  uint64_t height;
  uint64_t width;
};

// Nothing where the header does not say all; then the file is decoded.
using MaybeSize = std::optional<Size64>;

// Walks the segments up to the frame header.
MaybeSize ProbeJpeg(File* file) {
  uint64_t offset = 2;
  for (int segments = 0; segments < 1000; ++segments) {
    const absl::string_view bytes = file->At(offset);
    if (bytes.size() < 10 || bytes[0] != '\xFF') {
      return std::nullopt;
    }
    const auto marker = static_cast<uint8_t>(bytes[1]);
    if (marker == 0xFF) {  // fill byte
      ++offset;
      continue;
    }
    const uint32_t length = Number(bytes, 2, 2, false);
    if (marker == 0xE1 && absl::StartsWith(bytes.substr(4), "Exif")) {
      return std::nullopt;
    }
    const bool frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 &&
                       marker != 0xC8 && marker != 0xCC;
    if (frame) {
      return Size64{Number(bytes, 5, 2, false), Number(bytes, 7, 2, false)};
    }
    if (length < 2 || marker == 0xD9 || marker == 0xDA) {
      return std::nullopt;
    }
    offset += 2 + length;
  }
  return std::nullopt;
}

MaybeSize ProbePng(File* file) {
  const absl::string_view bytes = file->At(8);
  if (bytes.size() < 16 || bytes.substr(4, 4) != "IHDR") {
    return std::nullopt;
  }
  return Size64{Number(bytes, 12, 4, false), Number(bytes, 8, 4, false)};
}

// The first directory of a TIFF file with 32-bit offsets.
MaybeSize ProbeTiff(File* file) {
  const absl::string_view start = file->At(0);
  if (start.size() < 8) {
    return std::nullopt;
  }
  const bool little = start[0] == 'I';
  const uint32_t directory = Number(start, 4, 4, little);
  const absl::string_view bytes = file->At(directory);
  if (bytes.size() < 2) {
    return std::nullopt;
  }
  const uint32_t entries = Number(bytes, 0, 2, little);
  Size64 size = {0, 0};
  for (uint32_t i = 0; i < entries && 2 + 12 * (i + 1) <= bytes.size(); ++i) {
    const size_t at = 2 + 12 * i;
    const uint32_t tag = Number(bytes, at, 2, little);
    const uint32_t type = Number(bytes, at + 2, 2, little);
    if (tag == 274) {  // orientation
      return std::nullopt;
    }
    if (tag == 256 || tag == 257) {
      (tag == 256 ? size.width : size.height) =
          Number(bytes, at + 8, type == 3 ? 2 : 4, little);
    }
  }
  return size.width > 0 && size.height > 0 ? MaybeSize(size) : std::nullopt;
}

}  // namespace

absl::StatusOr<ImageSize> ProbeImage(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  const absl::Cleanup close_it = [descriptor] { close(descriptor); };
  struct stat info;
  if (fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    return absl::NotFoundError(absl::StrCat(
        path, S_ISDIR(info.st_mode) ? " is a folder" : " is no regular file"));
  }
  if (info.st_size == 0) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is empty"));
  }
  File file(descriptor);
  const std::string start(file.At(0).substr(0, 8));
  MaybeSize size;
  if (absl::StartsWith(start, "\xFF\xD8")) {
    size = ProbeJpeg(&file);
  } else if (absl::StartsWith(start, "\x89PNG\r\n\x1A\n")) {
    size = ProbePng(&file);
  } else if (absl::StartsWith(start, absl::string_view("II*\0", 4)) ||
             absl::StartsWith(start, absl::string_view("MM\0*", 4))) {
    size = ProbeTiff(&file);
  } else {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is neither JPEG nor PNG nor TIFF"));
  }
  if (!size.has_value()) {
    TRANSECT_ASSIGN_OR_RETURN(const Image image, DecodeImage(path));
    return ImageSize{image.height, image.width};
  }
  if (size->height < 1 || size->width < 1 || size->height > kMaxImageSide ||
      size->width > kMaxImageSide ||
      size->height * size->width > uint64_t{kMaxImagePixels}) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, " has ", size->height, " x ", size->width,
        " pixels, must be at least 1 x 1 and at most ", kMaxImageSide,
        " per side and ", kMaxImagePixels, " in all"));
  }
  return ImageSize{static_cast<int>(size->height),
                   static_cast<int>(size->width)};
}

absl::StatusOr<MaskImage> ReadMaskImage(const std::string& path) {
  // First the size, so that nothing too large is decoded.
  TRANSECT_RETURN_IF_ERROR(ProbeImage(path).status());
  TRANSECT_ASSIGN_OR_RETURN(const Image image, DecodeImage(path));
  MaskImage mask;
  mask.size = {image.height, image.width};
  mask.pixels.resize(static_cast<size_t>(image.height) * image.width);
  for (size_t i = 0; i < mask.pixels.size(); ++i) {
    mask.pixels[i] =
        (image.bgr[3 * i] | image.bgr[3 * i + 1] | image.bgr[3 * i + 2]) != 0;
  }
  return mask;
}

}  // namespace transect
