#include "data/image/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstddef>
#include <optional>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/image/decode.h"
#include "data/image/image_header.h"
#include "data/image/image_limits.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// Headers of aerial JPEG files end within some hundred bytes; embedded color
// profiles and previews take up to 64 KiB a segment and are stepped over.
constexpr size_t kWindow = 4096;
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}

  // See BytesAt.
  absl::string_view At(uint64_t offset) {
    if (offset < start_ || offset - start_ > size_ ||
        size_ - (offset - start_) < kImageHeaderWindow) {
      const ssize_t got =
          pread(descriptor_, window_, kWindow, static_cast<off_t>(offset));
      start_ = offset;
      size_ = static_cast<size_t>(got > 0 ? got : 0);
    }
    return {window_ + (offset - start_), size_ - (offset - start_)};
  }

 private:
  int descriptor_;
  uint64_t start_ = 0;
  size_t size_ = 0;
  char window_[kWindow];
};

}  // namespace

absl::StatusOr<ImageSize> ProbeImage(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    return absl::ErrnoToStatus(errno, absl::StrCat("cannot open ", path));
  }
  const absl::Cleanup close_it = [descriptor] { close(descriptor); };
  struct stat info;
  if (fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    return absl::NotFoundError(
        absl::StrCat(path, S_ISDIR(info.st_mode) ? " is a directory"
                                                 : " is not a regular file"));
  }
  if (info.st_size == 0) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is empty"));
  }
  File file(descriptor);
  const BytesAt bytes_at = [&file](uint64_t offset) { return file.At(offset); };
  switch (ImageKindOf(bytes_at(0))) {
    case ImageKind::kJpeg:
    case ImageKind::kPng:
    case ImageKind::kTiff:
      break;
    case ImageKind::kBigTiff:
      return absl::InvalidArgumentError(absl::StrCat(
          path,
          " is a BigTIFF file (64-bit offsets), only plain TIFF is supported"));
    default:
      return absl::InvalidArgumentError(
          absl::StrCat(path, " is neither JPEG nor PNG nor TIFF"));
  }
  const std::optional<ImageHeader> size = ReadImageHeader(bytes_at);
  if (size.has_value()) {
    TRANSECT_RETURN_IF_ERROR(CheckImageSize(path, size->height, size->width));
  }
  // The decoder knows what is wrong with it; it may be turned, or refused.
  if (!size.has_value() || !size->upright || size->bits > 8) {
    TRANSECT_ASSIGN_OR_RETURN(const Image image, DecodeImage(path));
    return ImageSize{image.height, image.width};
  }
  return ImageSize{static_cast<int>(size->height),
                   static_cast<int>(size->width)};
}

}  // namespace transect
