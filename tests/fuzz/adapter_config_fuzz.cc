// adapter_config.json of any bytes: an object or one error that begins with the
// path.

#include <stddef.h>
#include <stdint.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "model/checkpoint/adapters.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::StatusOr<nlohmann::json> config = transect::ParseAdapterConfig(
      std::string(reinterpret_cast<const char*>(data), size), "fuzz.json");
  if (config.ok()) {
    TRANSECT_CHECK(config->is_object());
  } else {
    TRANSECT_CHECK(absl::IsDataLoss(config.status())) << config.status();
    TRANSECT_CHECK(absl::StartsWith(config.status().message(), "fuzz.json"));
  }
  return 0;
}
