#include "data/image/decode.h"

#include <turbojpeg.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr int64_t kMaxFileBytes = int64_t{256} << 20;

struct Destroy {
  void operator()(void* handle) const { tjDestroy(handle); }
};

absl::Status NotReadable(absl::string_view name, absl::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("cannot decode ", name, ": ", why));
}

}  // namespace

absl::StatusOr<Image> DecodeJpeg(absl::string_view bytes,
                                 absl::string_view name) {
  if (bytes.empty()) {
    return NotReadable(name, "the file is empty");
  }
  const std::unique_ptr<void, Destroy> decoder(tjInitDecompress());
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  int width = 0, height = 0, subsampling = 0, colors = 0;
  if (decoder == nullptr ||
      tjDecompressHeader3(decoder.get(), data, bytes.size(), &width, &height,
                          &subsampling, &colors) != 0) {
    return NotReadable(name, tjGetErrorStr2(decoder.get()));
  }
  if (colors != TJCS_YCbCr && colors != TJCS_RGB) {
    return NotReadable(name, "it does not have exactly 3 colour components");
  }
  if (width > kMaxImageSide || height > kMaxImageSide ||
      int64_t{width} * height > kMaxImagePixels) {
    return NotReadable(
        name, absl::StrCat("it has ", height, " x ", width, " pixels, at most ",
                           kMaxImageSide, " per side and ", kMaxImagePixels,
                           " in all are allowed"));
  }
  Image image{height, width, {}};
  image.bgr.resize(static_cast<size_t>(height) * width * 3);
  if (tjDecompress2(decoder.get(), data, bytes.size(), image.bgr.data(), width,
                    /*pitch=*/0, height, TJPF_BGR, TJFLAG_STOPONWARNING) != 0) {
    return NotReadable(name, tjGetErrorStr2(decoder.get()));
  }
  return image;
}

absl::StatusOr<Image> DecodeImage(const std::string& path) {
  TRANSECT_ASSIGN_OR_RETURN(const std::string bytes,
                            ReadFile(path, kMaxFileBytes));
  return DecodeJpeg(bytes, path);
}

}  // namespace transect
