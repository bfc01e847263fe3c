/// \file
/// The metric log of one rank of an attempt: where it lies and how it begins.
#ifndef TRANSECT_LAUNCH_RANK_RANK_LOG_H_
#define TRANSECT_LAUNCH_RANK_RANK_LOG_H_

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "launch/store/job.pb.h"
#include "metrics/log_writer.h"
#include "metrics/metric_log.pb.h"

namespace transect {

/// Every error is marked INPUT_OUTPUT. Not thread-safe.
class RankLog {
 public:
  /// Creates the log of `rank` in the attempt's directory and writes its
  /// header. `content_digest` as in LogHeader.
  static absl::StatusOr<std::unique_ptr<RankLog>> Open(
      const LaunchPlan& plan, int rank, const std::string& content_digest = "");

  absl::Status Append(const MetricRecord& record);

  /// Appends to the log of predicted masks, which is created at first use: a
  /// file of the same format beside the metric log.
  absl::Status AppendMask(const PredictedMask& mask);

  /// Appends a Progress record, at most twice a second except for the last one
  /// (done = total).
  absl::Status Progress(absl::string_view what, int64_t done, int64_t total);

  /// Waits until all records are on the disk.
  absl::Status Sync();

  /// Flushes to disk. Nothing may be appended afterwards.
  absl::Status Close();

 private:
  RankLog(std::unique_ptr<MetricLogWriter> writer, std::string masks_path,
          MetricRecord header)
      : writer_(std::move(writer)),
        masks_path_(std::move(masks_path)),
        header_(std::move(header)) {}

  std::unique_ptr<MetricLogWriter> writer_;
  std::string masks_path_;
  MetricRecord header_;
  // Null before the first mask.
  std::unique_ptr<MetricLogWriter> masks_;
  absl::Time last_progress_ = absl::InfinitePast();
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_RANK_RANK_LOG_H_
