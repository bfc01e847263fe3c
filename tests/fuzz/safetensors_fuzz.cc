// A safetensors file of any bytes: no crash, and the tensors of a header that
// is accepted tile the data behind it.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/checkpoint/safetensors.h"
#include "third_party/absl_polyfill/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using transect::SafetensorsHeader;
  using transect::SafetensorsInfo;
  uint64_t length = 0;
  if (size < sizeof(length)) return 0;
  memcpy(&length, data, sizeof(length));
  const absl::string_view rest(
      reinterpret_cast<const char*>(data) + sizeof(length),
      size - sizeof(length));
  // SafetensorsFile refuses a longer one before it parses.
  if (length > rest.size()) return 0;
  const uint64_t data_size = rest.size() - length;
  const absl::StatusOr<SafetensorsHeader> header =
      transect::ParseSafetensorsHeader(rest.substr(0, length), data_size);
  if (!header.ok()) {
    TRANSECT_CHECK(!header.status().message().empty());
    return 0;
  }
  uint64_t bytes = 0;
  absl::string_view previous;
  for (const SafetensorsInfo& tensor : header->tensors) {
    TRANSECT_CHECK(tensor.begin <= tensor.end && tensor.end <= data_size);
    TRANSECT_CHECK(tensor.shape.size() <= transect::kMaxSafetensorsRank);
    uint64_t expected = transect::SafetensorsDtypeSize(tensor.dtype);
    for (const int64_t side : tensor.shape) {
      TRANSECT_CHECK(side >= 0);
      expected *= static_cast<uint64_t>(side);
    }
    TRANSECT_CHECK(expected == tensor.end - tensor.begin);
    TRANSECT_CHECK(&tensor == &header->tensors[0] || previous < tensor.name);
    previous = tensor.name;
    bytes += tensor.end - tensor.begin;
  }
  TRANSECT_CHECK(bytes == data_size);
  return 0;
}
