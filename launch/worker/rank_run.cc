#include "launch/worker/rank_run.h"

#include <torch/torch.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/index/content_digest.h"
#include "data/io/file.h"
#include "launch/collective/collective_single.h"
#include "launch/collective/gloo.h"
#include "launch/evaluation/evaluator.h"
#include "launch/evaluation/resolution.h"
#include "launch/evaluation/sample_sheet.h"
#include "launch/rank/exit_codes.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/worker/load_model.h"
#include "launch/worker/open_run.h"
#include "launch/worker/result_file.h"
#include "launch/worker/split_notes.h"
#include "metrics/log_reader.h"
#include "metrics/metric_log.pb.h"
#include "metrics/segmentation.h"
#include "model/base/runtime.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::StatusOr<std::unique_ptr<Collective>> ConnectRanks(const LaunchPlan& plan,
                                                         int rank,
                                                         at::Device device) {
  if (plan.ranks() == 1) {
    return MakeSingleCollective();
  }
  GlooGroup group;
  group.rank = rank;
  group.ranks = plan.ranks();
  group.rendezvous_path = RendezvousPath(plan.attempt_dir());
  group.timeout =
      absl::Seconds(plan.train().run().training().collective_timeout_seconds());
  if (plan.address_size() > 0) group.address = plan.address(rank);
  if (device.is_cuda()) group.gpu = device;
  return ConnectGloo(group);
}

// Mean IoU of what all ranks logged; nothing if the logs cannot be read here,
// for they are what counts. Not by analysis/: its code is no part of a run's.
std::optional<double> MeanIou(const LaunchPlan& job) {
  std::vector<ItemCounts> items;
  for (int rank = 0; rank < job.ranks(); ++rank) {
    const absl::StatusOr<MetricLog> log =
        ReadMetricLog(RankMetricsPath(job.attempt_dir(), rank));
    if (!log.ok()) return std::nullopt;
    for (const MetricRecord& record : log->records) {
      if (!record.has_eval_item()) continue;
      const EvalItem& item = record.eval_item();
      items.push_back({.item_id = item.item_id(),
                       .intersection = item.prediction().intersection(),
                       .union_ = item.prediction().union_()});
    }
  }
  const absl::StatusOr<SegmentationScores> scores = Score(items);
  if (!scores.ok()) return std::nullopt;
  return scores->giou;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RankRun>> RankRun::Open(const LaunchPlan& plan,
                                                       int rank) {
  const TrainingSpec& training = plan.train().run().training();
  ConfigureNumerics(training);
  std::unique_ptr<RankRun> run(new RankRun(plan, rank));
  const int local = plan.gpu_size() > 0 ? rank % plan.gpu_size() : rank;
  TRANSECT_ASSIGN_OR_RETURN(run->device_, OpenDevice(training, local));
  TRANSECT_ASSIGN_OR_RETURN(run->tokenizer_, OpenTokenizer(plan.train()));
  return run;
}

absl::StatusOr<OpenedSplit> RankRun::OpenSplit(const std::string& split) {
  OpenedSplit opened;
  TRANSECT_ASSIGN_OR_RETURN(opened.data,
                            transect::OpenSplit(plan_.train(), split));
  TRANSECT_ASSIGN_OR_RETURN(
      opened.notes,
      NoteSplit(opened.data, split, *tokenizer_, run_.tokenizer()));
  return opened;
}

absl::Status RankRun::StartLog(const LaunchPlan& job, const SplitNotes& notes,
                               const std::string& content_digest) {
  TRANSECT_ASSIGN_OR_RETURN(log_, RankLog::Open(job, rank_, content_digest));
  return LogNotes(notes, log_.get());
}

absl::Status RankRun::CloseLog() {
  TRANSECT_RETURN_IF_ERROR(log_->Close());
  at::Tensor closed = at::ones({}, at::kLong);
  return collective_->AllReduceSum("number of closed logs", closed);
}

absl::StatusOr<BuildOptions> RankRun::Connect() {
  TRANSECT_ASSIGN_OR_RETURN(collective_, ConnectRanks(plan_, rank_, device_));
  statistics_ = std::make_unique<CollectiveShardSum>(
      collective_.get(), run_.training().logical_shards(),
      run_.training().numerics() == TrainingSpec::REPRODUCIBLE
          ? SumOrder::kTree
          : SumOrder::kLibrary);
  BuildOptions options = BuildOptionsOf(run_.training(), device_);
  if (statistics_->shards() > 1) {
    options.shards = statistics_.get();
  }
  return options;
}

absl::Status RankRun::OpenInitialModel() {
  TRANSECT_ASSIGN_OR_RETURN(const BuildOptions options, Connect());
  TRANSECT_ASSIGN_OR_RETURN(model_, BuildInitialModel(plan_.train(), options));
  return absl::OkStatus();
}

absl::Status RankRun::OpenTrainedModel(const std::string& trained_weights) {
  TRANSECT_ASSIGN_OR_RETURN(const BuildOptions options, Connect());
  TRANSECT_ASSIGN_OR_RETURN(
      model_, BuildTrainedModel(plan_.train(), trained_weights, options));
  return absl::OkStatus();
}

TrainTask RankRun::task() {
  TrainTask task;
  task.run = &run_;
  task.tokenizer = tokenizer_.get();
  task.model = model_.get();
  task.collective = collective_.get();
  task.batch_statistics = statistics_.get();
  task.device = device_;
  task.log = log_.get();
  task.plan = &plan_;
  return task;
}

absl::Status RankRun::Evaluate(const LaunchPlan& job, const OpenedSplit& split,
                               const Result& verified) {
  const absl::Time start = absl::Now();
  TRANSECT_RETURN_IF_ERROR(
      MarkExitCode(MakeDirs(job.attempt_dir()), ExitCode::INPUT_OUTPUT));
  const int resolution = run_.evaluation().resolution();
  // One rank reads the images once more; that is enough.
  std::string content;
  SplitNotes notes = split.notes;
  if (rank_ == 0) {
    // The bound is of masks at the size of the images.
    if (resolution == 0) {
      AddBlindBound(plan_.train().data_root(), split.data, &notes);
    }
    absl::StatusOr<std::string> digest = ContentDigest(split.data);
    if (!digest.ok()) return MarkExitCode(digest.status(), ExitCode::DATA);
    content = ContentAtResolution(*digest, resolution);
  }
  const absl::Time evaluation_start = absl::Now();
  TRANSECT_RETURN_IF_ERROR(StartLog(job, notes, content));
  SampleSheet sheet(rank_ == 0 ? run_.evaluation().samples() : 0);
  TRANSECT_ASSIGN_OR_RETURN(const int64_t mine,
                            transect::Evaluate(task(), split.data, &sheet));
  const absl::Duration time = absl::Now() - evaluation_start;
  TRANSECT_RETURN_IF_ERROR(CloseLog());
  at::Tensor items = at::full({}, mine, at::kLong);
  TRANSECT_RETURN_IF_ERROR(
      collective_->AllReduceSum("number of evaluated items", items));
  if (rank_ != 0) return absl::OkStatus();

  Result result = StartResult(job);
  *result.mutable_input() = verified.input();
  if (verified.made_alone()) result.set_made_alone(true);
  result.set_content_digest(content);
  if (resolution != 0) result.set_resolution(resolution);
  if (const std::optional<double> giou = MeanIou(job); giou.has_value()) {
    result.set_giou(*giou);
  }
  result.set_peak_device_memory_bytes(PeakDeviceMemory(device_).reserved);
  result.set_eval_items(items.item<int64_t>());
  result.set_eval_seconds(absl::ToDoubleSeconds(time));
  result.set_truncated_sentences(notes.truncated_sentences);
  if (notes.frequent_place.has_value()) {
    result.set_frequent_place_giou(*notes.frequent_place);
  }
  if (!sheet.empty()) {
    TRANSECT_RETURN_IF_ERROR(RemoveOutput(job, kSampleSheetFile));
    TRANSECT_RETURN_IF_ERROR(sheet.Write(OutputPath(job, kSampleSheetFile)));
    TRANSECT_RETURN_IF_ERROR(Publish(job, kSampleSheetFile));
    TRANSECT_RETURN_IF_ERROR(AddResultFile(job, kSampleSheetFile, &result));
  }
  TRANSECT_RETURN_IF_ERROR(AddMetricLogs(job, &result));
  return WriteResult(job, start, &result);
}

}  // namespace transect
