// Foreign JSON: any bytes as a document and as rows of a JSON-lines data set.
// What is accepted means the same after it is written again; masks fit.

#include <stddef.h>
#include <stdint.h>

#include <numeric>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/annotations/annotation_readers.h"
#include "data/annotations/record.pb.h"
#include "data/io/strict_json.h"
#include "nlohmann/json.hpp"
#include "third_party/absl_polyfill/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const absl::StatusOr<nlohmann::json> value =
      transect::ParseStrictJson(text, "fuzz.json");
  if (value.ok()) {
    const absl::StatusOr<nlohmann::json> again =
        transect::ParseStrictJson(value->dump(), "again.json");
    TRANSECT_CHECK(again.ok()) << again.status();
    TRANSECT_CHECK(*again == *value);
  }
  std::vector<transect::IndexedRecord> records;
  std::vector<std::string> ids;
  transect::HeldBytes held("x_train.jsonl");
  const absl::Status status =
      transect::ParseJsonl(text, "root", "x_train.jsonl", "train", "images",
                           transect::FoundDataset::SENT, &held, &records, &ids);
  TRANSECT_CHECK(!status.ok() || records.size() == ids.size());
  for (const transect::IndexedRecord& record : records) {
    const int64_t pixels = int64_t{record.mask_height()} * record.mask_width();
    TRANSECT_CHECK(std::accumulate(record.runs().begin(), record.runs().end(),
                                   int64_t{0}) == pixels);
    TRANSECT_CHECK(record.image().find("..") == std::string::npos ||
                   record.image().find("/../") == std::string::npos);
  }
  return 0;
}
