#include "launch/worker/rank_run.h"

#include <torch/torch.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "launch/collective/collective_gloo.h"
#include "launch/collective/collective_nccl.h"
#include "launch/collective/collective_single.h"
#include "launch/training/evaluator.h"
#include "launch/worker/load_model.h"
#include "launch/worker/open_run.h"
#include "launch/worker/result_file.h"
#include "launch/worker/split_notes.h"
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
  group.rendezvous_path = absl::StrCat(plan.attempt_dir(), "/rendezvous");
  group.timeout =
      absl::Seconds(plan.train().run().training().collective_timeout_seconds());
  if (!device.is_cuda()) {
    return ConnectGloo(group);
  }
  TRANSECT_ASSIGN_OR_RETURN(std::unique_ptr<Collective> host,
                            ConnectGloo(group));
  return ConnectNccl(std::move(host), device, group.timeout);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RankRun>> RankRun::Open(const LaunchPlan& plan,
                                                       int rank) {
  const TrainingSpec& training = plan.train().run().training();
  ConfigureNumerics(training);
  std::unique_ptr<RankRun> run(new RankRun(plan, rank));
  TRANSECT_ASSIGN_OR_RETURN(run->device_, OpenDevice(training, rank));
  TRANSECT_ASSIGN_OR_RETURN(run->log_, RankLog::Open(plan, rank));
  TRANSECT_ASSIGN_OR_RETURN(run->tokenizer_, OpenTokenizer(plan.train()));
  return run;
}

absl::StatusOr<DatasetIndex> RankRun::OpenSplit(const std::string& split) {
  TRANSECT_ASSIGN_OR_RETURN(DatasetIndex data,
                            transect::OpenSplit(plan_.train(), split));
  if (std::find(noted_splits_.begin(), noted_splits_.end(), split) ==
      noted_splits_.end()) {
    noted_splits_.push_back(split);
    TRANSECT_ASSIGN_OR_RETURN(
        SplitNotes notes,
        NoteSplit(data, split, *tokenizer_, run_.tokenizer(), log_.get()));
    truncated_sentences_ += notes.truncated_sentences;
    std::move(notes.texts.begin(), notes.texts.end(),
              std::back_inserter(notes_));
  }
  return data;
}

absl::StatusOr<BuildOptions> RankRun::Connect() {
  TRANSECT_ASSIGN_OR_RETURN(collective_, ConnectRanks(plan_, rank_, device_));
  statistics_ = std::make_unique<CollectiveSum>(collective_.get());
  BuildOptions options = BuildOptionsOf(run_.training(), device_);
  if (collective_->ranks() > 1) {
    options.ranks = statistics_.get();
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
  return task;
}

absl::Status RankRun::EvaluateAndCloseLog(
    const std::vector<DatasetIndex>& splits) {
  sheet_ = std::make_unique<SampleSheet>(
      rank_ == 0 ? run_.evaluation().samples() : 0);
  at::Tensor items = at::zeros({}, at::kLong);
  const absl::Time start = absl::Now();
  for (const DatasetIndex& split : splits) {
    TRANSECT_ASSIGN_OR_RETURN(const int64_t mine,
                              Evaluate(task(), split, sheet_.get()));
    items.add_(mine);
  }
  eval_time_ = absl::Now() - start;
  // The sum is also what waits for the logs of the other ranks.
  TRANSECT_RETURN_IF_ERROR(log_->Close());
  TRANSECT_RETURN_IF_ERROR(
      collective_->AllReduceSum("number of evaluated items", items));
  eval_items_ = items.item<int64_t>();
  return absl::OkStatus();
}

absl::Status RankRun::Finish(Result result) {
  result.set_eval_items(eval_items_);
  if (eval_items_ > 0) {
    result.set_eval_seconds(absl::ToDoubleSeconds(eval_time_));
  }
  result.set_truncated_sentences(truncated_sentences_);
  if (!sheet_->empty()) {
    TRANSECT_RETURN_IF_ERROR(
        sheet_->Write(absl::StrCat(plan_.job_dir(), "/", kSampleSheetFile)));
    TRANSECT_RETURN_IF_ERROR(AddResultFile(plan_, kSampleSheetFile, &result));
  }
  TRANSECT_RETURN_IF_ERROR(AddMetricLogs(plan_, &result));
  return WriteResult(plan_, start_, &result);
}

}  // namespace transect
