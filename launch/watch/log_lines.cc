#include "launch/watch/log_lines.h"

#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "launch/store/store.h"

namespace transect {
namespace {

std::string StepLine(const TrainStep& step) {
  std::string line =
      absl::StrFormat("step %d/%d  loss %.4g  lr %.3g", step.step(),
                      step.steps(), step.loss(), step.lr());
  if (step.has_gradient_norm()) {
    absl::StrAppendFormat(&line, "  gradient %.3g", step.gradient_norm());
  }
  if (step.step_seconds() > 0) {
    absl::StrAppendFormat(&line, "  %.4g ms/step", 1e3 * step.step_seconds());
  }
  return line;
}

}  // namespace

std::string RecordLine(const MetricRecord& record) {
  switch (record.record_case()) {
    case MetricRecord::kTrainStep:
      return StepLine(record.train_step());
    case MetricRecord::kValidation: {
      const Validation& found = record.validation();
      return absl::StrFormat("step %d  %s gIoU %.2f  cIoU %.2f%s", found.step(),
                             found.split(), 100 * found.giou(),
                             100 * found.ciou(),
                             found.best() ? ", the best so far" : "");
    }
    case MetricRecord::kResumed:
      return absl::StrCat("went on from step ", record.resumed().step(),
                          " of attempt ", record.resumed().attempt());
    case MetricRecord::kProgress:
      return absl::StrCat(record.progress().what(), " ",
                          record.progress().done(), "/",
                          record.progress().total());
    case MetricRecord::kEvent:
      return record.event().text();
    default:
      return "";
  }
}

LogLines::LogLines(const std::string& job_dir, int attempt, int rank)
    : job_dir_(job_dir),
      attempt_(attempt),
      rank_(rank),
      log_path_(RankLogPath(AttemptDir(job_dir, attempt), rank)) {}

void LogLines::PollMetrics(const std::string& path,
                           std::vector<LogLine>* lines) {
  bool& failed = failed_[path];
  if (failed) return;
  MetricLogTail& tail = tails_.try_emplace(path, path).first->second;
  const absl::StatusOr<std::vector<MetricRecord>> records = tail.Poll();
  if (!records.ok()) {
    failed = true;
    lines->push_back({false, std::string(records.status().message())});
    return;
  }
  for (const MetricRecord& record : *records) {
    if (std::string line = RecordLine(record); !line.empty()) {
      lines->push_back({false, std::move(line)});
    }
  }
}

void LogLines::PollLog(bool rest, std::vector<LogLine>* lines) {
  std::ifstream file(log_path_, std::ios::binary);
  file.seekg(log_offset_);
  if (file) {
    std::string bytes((std::istreambuf_iterator<char>(file)),
                      std::istreambuf_iterator<char>());
    log_offset_ += static_cast<int64_t>(bytes.size());
    rest_ += bytes;
  }
  size_t begin = 0;
  for (size_t end = rest_.find('\n'); end != rest_.npos;
       end = rest_.find('\n', begin)) {
    lines->push_back({true, rest_.substr(begin, end - begin)});
    begin = end + 1;
  }
  rest_.erase(0, begin);
  if (rest && !rest_.empty())
    lines->push_back({true, std::exchange(rest_, "")});
}

std::vector<LogLine> LogLines::Poll(bool rest) {
  std::vector<LogLine> lines;
  PollMetrics(RankMetricsPath(AttemptDir(job_dir_, attempt_), rank_), &lines);
  for (const std::string& name : EvaluationNames(job_dir_)) {
    PollMetrics(
        RankMetricsPath(
            AttemptDir(absl::StrCat(EvaluationsDir(job_dir_), "/", name),
                       attempt_),
            rank_),
        &lines);
  }
  PollLog(rest, &lines);
  return lines;
}

}  // namespace transect
