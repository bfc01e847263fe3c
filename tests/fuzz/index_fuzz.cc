// The cached index of a data set, of any bytes behind a header with the right
// checksum: damage is an error, and the masks of what is accepted can be drawn.

#include <stddef.h>
#include <stdint.h>

#include <cstring>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/annotations/record.pb.h"
#include "data/index/index_cache.h"
#include "data/io/crc32c.h"
#include "data/masks/rle.h"
#include "third_party/absl_polyfill/check.h"

namespace {

constexpr absl::string_view kMagic = "TRSCTIDX";
constexpr size_t kChecked = 12;

void Draw(const transect::Rle& mask) {
  const int64_t pixels = int64_t{mask.height} * mask.width;
  TRANSECT_CHECK(transect::RleArea(mask) <= pixels);
  if (pixels <= 1 << 16) {
    TRANSECT_CHECK(static_cast<int64_t>(transect::MaskFromRle(mask).size()) ==
                   pixels);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto file =
      std::make_shared<std::string>(reinterpret_cast<const char*>(data), size);
  if (size >= kChecked) {
    const uint32_t crc =
        transect::Crc32c(absl::string_view(*file).substr(kChecked));
    file->replace(0, kMagic.size(), kMagic.data(), kMagic.size());
    std::memcpy(&(*file)[kMagic.size()], &crc, sizeof(crc));
  }
  const auto view = std::shared_ptr<const absl::string_view>(
      new absl::string_view(*file),
      [file](const absl::string_view* bytes) { delete bytes; });
  const absl::StatusOr<transect::IndexView> index =
      transect::ParseIndex(view, "fuzz.index");
  if (!index.ok()) {
    TRANSECT_CHECK(absl::IsDataLoss(index.status())) << index.status();
    return 0;
  }
  for (const transect::IndexedRecord& record : index->index.record()) {
    Draw(index->MaskOf(record));
    for (const transect::IndexedObject& other : record.other()) {
      Draw(index->MaskOf(other));
    }
  }
  return 0;
}
