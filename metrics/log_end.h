/// \file
/// The newest that a metric log says, from its end alone.
///
/// Input: a log of any length, finished or being written; output: the last
/// record of each kind that lies in the last bytes of the file. Users are lists
/// of many runs (launch/watch), which would otherwise read gigabytes.
///
/// A frame is found by its two checksums (log_format.h), so reading can begin
/// anywhere. Nothing before the last bytes is checked: numbers that count are
/// read with log_reader.h.
#ifndef TRANSECT_METRICS_LOG_END_H_
#define TRANSECT_METRICS_LOG_END_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "metrics/metric_log.pb.h"

namespace transect {

/// Bytes that are read at first, and at most where they hold no whole record.
inline constexpr int64_t kLogEndBytes = int64_t{64} << 10;
inline constexpr int64_t kMostLogEndBytes = int64_t{4} << 20;

/// The last record of each kind; of a kind that is not in the end of the log
/// nothing.
struct LogEnd {
  std::optional<TrainStep> train_step;
  std::optional<Validation> validation;
  std::optional<Progress> progress;
  /// Whether `progress` comes after `train_step`.
  bool progress_is_newer = false;
};

/// Reads the end of the log at `path`. An empty LogEnd where the file does not
/// exist or no whole record could be found.
absl::StatusOr<LogEnd> ReadLogEnd(absl::string_view path);

}  // namespace transect

#endif  // TRANSECT_METRICS_LOG_END_H_
