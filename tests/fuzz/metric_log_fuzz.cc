// Metric logs: any bytes as a log, and any bytes as the payloads of well-formed
// frames, so that the checksums do not keep the fuzzer out. What is accepted
// accounts for every byte, and cutting a log never damages it.

#include <stddef.h>
#include <stdint.h>

#include <algorithm>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "metrics/log_format.h"
#include "metrics/log_reader.h"
#include "third_party/absl_polyfill/check.h"

namespace {

using transect::MetricLog;

// A length byte before each payload.
std::string Framed(absl::string_view bytes) {
  std::string log = transect::EncodeMetricLogHeader();
  while (!bytes.empty()) {
    const size_t length = std::min<size_t>(
        static_cast<uint8_t>(bytes[0]) + size_t{1}, bytes.size());
    absl::StrAppend(&log, transect::EncodeFrame(bytes.substr(0, length)));
    bytes.remove_prefix(length);
  }
  return log;
}

void Check(absl::string_view bytes) {
  const absl::StatusOr<MetricLog> log =
      transect::ParseMetricLog(bytes, "fuzz.log");
  if (!log.ok()) {
    TRANSECT_CHECK(absl::IsDataLoss(log.status())) << log.status();
    return;
  }
  TRANSECT_CHECK(log->torn_bytes >= 0 &&
                 log->torn_bytes <= static_cast<int64_t>(bytes.size()));
  TRANSECT_CHECK(log->torn_tail || log->torn_bytes == 0);
  const absl::StatusOr<MetricLog> half =
      transect::ParseMetricLog(bytes.substr(0, bytes.size() / 2), "half.log");
  TRANSECT_CHECK(half.ok()) << half.status();
  TRANSECT_CHECK(half->records.size() <= log->records.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  Check(bytes);
  Check(Framed(bytes));
  return 0;
}
