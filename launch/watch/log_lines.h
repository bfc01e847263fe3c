/// \file
/// What a rank of an attempt said and measured, as lines in the order in which
/// they were read: what `transect logs` prints.
#ifndef TRANSECT_LAUNCH_WATCH_LOG_LINES_H_
#define TRANSECT_LAUNCH_WATCH_LOG_LINES_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "metrics/log_reader.h"
#include "metrics/metric_log.pb.h"

namespace transect {

/// A record for people: "step 60/300  loss 0.5121  lr 0.0001  102 ms/step",
/// "step 60  val gIoU 41.20  cIoU 39.00, the best so far", "went on from step
/// 40 of attempt 1"; "" for records that say nothing to people, such as items.
std::string RecordLine(const MetricRecord& record);

/// A line, without its end.
struct LogLine {
  /// Whether the rank wrote it to its log; else it is a measurement.
  bool written = false;
  std::string text;
};

/// Follows what one rank of one attempt leaves.
class LogLines {
 public:
  /// `job_dir` is the directory of a run or an input. Touches no file.
  LogLines(const std::string& job_dir, int attempt, int rank);

  /// What is new: measurements of the training, then of evaluations, then
  /// whole lines of the rank's log. With `rest` also its last line without an
  /// end. What cannot be read is a line that says so, once.
  std::vector<LogLine> Poll(bool rest);

 private:
  void PollMetrics(const std::string& path, std::vector<LogLine>* lines);
  void PollLog(bool rest, std::vector<LogLine>* lines);

  std::string job_dir_;
  int attempt_;
  int rank_;
  std::string log_path_;
  int64_t log_offset_ = 0;
  std::string rest_;
  std::map<std::string, MetricLogTail> tails_;
  std::map<std::string, bool> failed_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WATCH_LOG_LINES_H_
