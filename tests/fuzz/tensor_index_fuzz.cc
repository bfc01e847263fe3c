// ParseTensorIndex on any bytes: no crash, and what it accepts names files of
// its own directory only.

#include <stddef.h>
#include <stdint.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "model/checkpoint/tensor_set.h"
#include "third_party/absl_polyfill/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::StatusOr<transect::TensorIndex> index =
      transect::ParseTensorIndex(
          absl::string_view(reinterpret_cast<const char*>(data), size), "f");
  if (!index.ok()) {
    TRANSECT_CHECK(absl::StartsWith(index.status().message(), "f:"));
    return 0;
  }
  TRANSECT_CHECK(index->shards.size() <= transect::kMaxShards);
  for (const std::string& shard : index->shards) {
    TRANSECT_CHECK(shard.find('/') == shard.npos);
    TRANSECT_CHECK(absl::EndsWith(shard, ".safetensors"));
  }
  for (const auto& [name, shard] : index->shard_of) {
    TRANSECT_CHECK(index->shards.count(shard) == 1) << name;
  }
  return 0;
}
