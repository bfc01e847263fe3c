/// \file
/// Writes the metric log of one rank.
///
/// Input: MetricRecord messages of the worker, the first of them a LogHeader;
/// output: the metric log of a rank (launch/store/store.h), framed as FORMAT.md
/// says. Readers: log_reader.h.
///
/// Every Append is one write(2): the record survives the death of the process
/// at once, and of the machine after Sync. The writer does not check the order
/// of records.
#ifndef TRANSECT_METRICS_LOG_WRITER_H_
#define TRANSECT_METRICS_LOG_WRITER_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "metrics/metric_log.pb.h"

namespace transect {

/// Not safe for use by several threads at once.
class MetricLogWriter {
 public:
  /// Makes the file, which must not exist (an attempt is written once), writes
  /// the header of the format and syncs file and directory. Errors name the
  /// path and the reason: kAlreadyExists, kNotFound for a missing directory,
  /// kPermissionDenied, kResourceExhausted for a full disk.
  static absl::StatusOr<std::unique_ptr<MetricLogWriter>> Create(
      absl::string_view path);

  MetricLogWriter(const MetricLogWriter&) = delete;
  MetricLogWriter& operator=(const MetricLogWriter&) = delete;
  /// Closes without syncing and without reporting errors: call Close before.
  ~MetricLogWriter();

  /// Appends one record. kInvalidArgument for a record that is empty or longer
  /// than kMaxMetricRecordBytes (the log stays usable); after an error of the
  /// system, such as kResourceExhausted for a full disk, the last frame may be
  /// torn, and Append and Sync return that error from then on.
  absl::Status Append(const MetricRecord& record);

  /// Waits until all records are on the disk.
  absl::Status Sync();

  /// Syncs and closes. Later calls of Close do nothing and are OK; Append and
  /// Sync fail. The file is closed even if an error is returned.
  absl::Status Close();

 private:
  MetricLogWriter(std::string path, int fd);

  absl::Status Usable() const;
  absl::Status Write(absl::string_view bytes);

  const std::string path_;
  int fd_;
  /// The first error of the system; nothing is written after it.
  absl::Status failure_;
};

}  // namespace transect

#endif  // TRANSECT_METRICS_LOG_WRITER_H_
