#include "data/image/encode.h"

#include <turbojpeg.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace transect {
namespace {

struct Destroy {
  void operator()(void* handle) const { tjDestroy(handle); }
};

struct Free {
  void operator()(unsigned char* bytes) const { tjFree(bytes); }
};

}  // namespace

absl::StatusOr<std::string> EncodeJpeg(const Image& image, int quality) {
  const std::unique_ptr<void, Destroy> encoder(tjInitCompress());
  unsigned char* bytes = nullptr;
  unsigned long size = 0;  // NOLINT(google-runtime-int): TurboJPEG's type.
  if (encoder == nullptr ||
      tjCompress2(encoder.get(), image.bgr.data(), image.width, /*pitch=*/0,
                  image.height, TJPF_BGR, &bytes, &size, TJSAMP_420, quality,
                  TJFLAG_ACCURATEDCT) != 0) {
    return absl::InternalError(
        absl::StrCat("cannot encode a JPEG: ", tjGetErrorStr2(encoder.get())));
  }
  const std::unique_ptr<unsigned char, Free> owner(bytes);
  return std::string(reinterpret_cast<const char*>(bytes), size);
}

}  // namespace transect
