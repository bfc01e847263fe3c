// PickleDocument::Parse on any bytes: no crash, and what it accepts can be
// walked to its leaves in a number of steps that the input's size bounds.

#include <stddef.h>
#include <stdint.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/annotations/pickle.h"
#include "data/io/utf8.h"
#include "third_party/absl_polyfill/check.h"

namespace {

using transect::PickleDocument;
using transect::PickleValue;

// Shared containers make the walk exponential, so it ends after `left` steps.
void Walk(const PickleValue& value, int depth, int64_t* left) {
  TRANSECT_CHECK(depth <= transect::kMaxPickleDepth + 1) << depth;
  if (--*left < 0) {
    return;
  }
  const absl::StatusOr<absl::string_view> text = value.AsString();
  TRANSECT_CHECK(!text.ok() || transect::IsUtf8(*text));
  const absl::StatusOr<std::vector<PickleValue>> members = value.AsList();
  TRANSECT_CHECK(!members.ok() || !value.AsInt().ok());
  if (members.ok()) {
    for (const PickleValue& member : *members) {
      Walk(member, depth + 1, left);
    }
  }
  for (const char* key : {"sentences", "sent", "ref_id", ""}) {
    const absl::StatusOr<PickleValue> member = value.Get(key);
    if (member.ok()) {
      Walk(*member, depth + 1, left);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::StatusOr<PickleDocument> document = PickleDocument::Parse(
      std::string(reinterpret_cast<const char*>(data), size));
  if (document.ok()) {
    int64_t left = 10000;
    Walk(document->root(), 0, &left);
  } else {
    TRANSECT_CHECK(!document.status().message().empty());
  }
  return 0;
}
