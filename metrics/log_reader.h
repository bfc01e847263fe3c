/// \file
/// Reads metric logs.
///
/// Input: a file that log_writer.h wrote or is writing, framed as FORMAT.md
/// says; output: its records in order. Users are analysis/ (what was measured)
/// and launch/ (progress, the last loss). Fields that this program does not
/// know stay in the messages as unknown fields.
///
/// A log whose last record is cut off has a *torn tail*: the writer died,
/// everything before is good, and the reader says so. Anything else that the
/// writer did not write is *damage*: an error with the offset of the record,
/// and nothing is returned, because a number from a damaged log is worse than
/// none.
#ifndef TRANSECT_METRICS_LOG_READER_H_
#define TRANSECT_METRICS_LOG_READER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "metrics/metric_log.pb.h"

namespace transect {

/// The whole records of a log.
struct MetricLog {
  std::vector<MetricRecord> records;
  /// Whether the last record, or the header of the file, was cut off.
  bool torn_tail = false;
  /// Bytes after the last whole record; above 0 only with a torn tail. An empty
  /// file has a torn tail of 0 bytes.
  int64_t torn_bytes = 0;
};

/// Reads the whole file. Errors: those of ReadFile (kNotFound, ...); kDataLoss
/// for a damaged log, naming path and byte offset of the first bad record.
absl::StatusOr<MetricLog> ReadMetricLog(absl::string_view path);

/// The same for bytes in memory; `name` stands for the path in errors.
absl::StatusOr<MetricLog> ParseMetricLog(absl::string_view bytes,
                                         absl::string_view name);

/// Follows a log that is being written, for progress bars.
///
///   MetricLogTail tail(path);
///   while (...) { TRANSECT_ASSIGN_OR_RETURN(auto records, tail.Poll()); ... }
///
/// Each Poll reads only bytes that were not read before, except for a partly
/// written last record. Not safe for use by several threads at once.
class MetricLogTail {
 public:
  /// Does not touch the file.
  explicit MetricLogTail(absl::string_view path) : path_(path) {}

  /// The records since the last call that returned some; none while the file
  /// does not exist or the next record is incomplete. Errors: kDataLoss, after
  /// all records before the damage were returned, if the log is damaged or has
  /// become shorter, repeated by every later call; those of the system.
  absl::StatusOr<std::vector<MetricRecord>> Poll();

  /// Bytes of the file that Poll has consumed.
  int64_t offset() const { return offset_; }

 private:
  std::string path_;
  int64_t offset_ = 0;
};

}  // namespace transect

#endif  // TRANSECT_METRICS_LOG_READER_H_
