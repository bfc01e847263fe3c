// ParseRrsisdXml on any bytes: numbers stay in their range, nothing crashes.

#include <stddef.h>
#include <stdint.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/annotations/rrsisd_boxes.h"
#include "third_party/absl_polyfill/check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::StatusOr<transect::XmlAnnotation> xml = transect::ParseRrsisdXml(
      {reinterpret_cast<const char*>(data), size}, "fuzz.xml");
  if (!xml.ok()) {
    TRANSECT_CHECK(!xml.status().message().empty());
    return 0;
  }
  TRANSECT_CHECK(xml->objects.size() <= size);
  for (const transect::XmlObject& object : xml->objects) {
    TRANSECT_CHECK(object.description.size() <= size);
    for (const int corner : object.box) {
      TRANSECT_CHECK(corner >= -1000000 && corner <= 1000000) << corner;
    }
  }
  return 0;
}
