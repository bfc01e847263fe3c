#include "launch/rank/rank_log.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "launch/rank/exit_codes.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "metrics/log_writer.h"
#include "metrics/metric_log.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr absl::Duration kProgressInterval = absl::Milliseconds(500);

}  // namespace

absl::StatusOr<std::unique_ptr<RankLog>> RankLog::Open(
    const LaunchPlan& plan, int rank, const std::string& content_digest) {
  absl::StatusOr<std::unique_ptr<MetricLogWriter>> writer =
      MetricLogWriter::Create(RankMetricsPath(plan.attempt_dir(), rank));
  if (!writer.ok()) {
    return MarkExitCode(writer.status(), ExitCode::INPUT_OUTPUT);
  }
  MetricRecord record;
  LogHeader* const header = record.mutable_header();
  header->set_id(plan.id());
  header->set_attempt(plan.attempt());
  header->set_rank(rank);
  header->set_ranks(plan.ranks());
  header->set_start_unix_us(absl::ToUnixMicros(absl::Now()));
  header->set_content_digest(content_digest);
  std::unique_ptr<RankLog> log(new RankLog(
      *std::move(writer), RankMasksPath(plan.attempt_dir(), rank), record));
  TRANSECT_RETURN_IF_ERROR(log->Append(record));
  return log;
}

absl::Status RankLog::Append(const MetricRecord& record) {
  return MarkExitCode(writer_->Append(record), ExitCode::INPUT_OUTPUT);
}

absl::Status RankLog::Progress(absl::string_view what, int64_t done,
                               int64_t total) {
  const absl::Time now = absl::Now();
  if (done < total && now - last_progress_ < kProgressInterval) {
    return absl::OkStatus();
  }
  last_progress_ = now;
  MetricRecord record;
  record.mutable_progress()->set_what(std::string(what));
  record.mutable_progress()->set_done(done);
  record.mutable_progress()->set_total(total);
  return Append(record);
}

absl::Status RankLog::AppendMask(const PredictedMask& mask) {
  absl::Status status;
  if (masks_ == nullptr) {
    absl::StatusOr<std::unique_ptr<MetricLogWriter>> writer =
        MetricLogWriter::Create(masks_path_);
    status = writer.status();
    if (status.ok()) {
      masks_ = *std::move(writer);
      status = masks_->Append(header_);
    }
  }
  if (status.ok()) {
    MetricRecord record;
    *record.mutable_predicted_mask() = mask;
    status = masks_->Append(record);
  }
  return MarkExitCode(status, ExitCode::INPUT_OUTPUT);
}

absl::Status RankLog::Sync() {
  return MarkExitCode(writer_->Sync(), ExitCode::INPUT_OUTPUT);
}

absl::Status RankLog::Close() {
  if (masks_ != nullptr) {
    TRANSECT_RETURN_IF_ERROR(
        MarkExitCode(masks_->Close(), ExitCode::INPUT_OUTPUT));
  }
  return MarkExitCode(writer_->Close(), ExitCode::INPUT_OUTPUT);
}

}  // namespace transect
