/// \file
/// A run as one rank works on it: opens everything, evaluates, writes the
/// result. Shared by the training job and `transect evaluate`.
#ifndef TRANSECT_LAUNCH_WORKER_RANK_RUN_H_
#define TRANSECT_LAUNCH_WORKER_RANK_RUN_H_

#include <c10/core/Device.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/index/dataset_index.h"
#include "data/text/tokenizer.h"
#include "experiments/experiment.pb.h"
#include "launch/collective/collective.h"
#include "launch/collective/cross_rank_sum.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/training/rank_log.h"
#include "launch/training/sample_sheet.h"
#include "launch/training/train_task.h"
#include "model/base/segmentation_model.h"

namespace transect {

/// The calls follow this order: Open, OpenSplit for each split, OpenModel,
/// training, EvaluateAndCloseLog, Finish. All ranks make the same calls.
class RankRun {
 public:
  /// Configures the process, opens the device, the rank's log and the
  /// tokenizer. `plan` holds a training and outlives this object. Only once in
  /// a process: it sets the number of threads.
  static absl::StatusOr<std::unique_ptr<RankRun>> Open(const LaunchPlan& plan,
                                                       int rank);

  /// The samples of `split`. What is to be noted about it (split_notes.h) goes
  /// to the log, once for each split.
  absl::StatusOr<DatasetIndex> OpenSplit(const std::string& split);

  /// Notes of all splits opened so far, one sentence each.
  const std::vector<std::string>& notes() const { return notes_; }

  /// Connects the ranks and builds the network: with its initial weights, in
  /// training mode.
  absl::Status OpenInitialModel();
  /// The same as training left it, in evaluation mode; `trained_weights` as in
  /// BuildTrainedModel (load_model.h).
  absl::Status OpenTrainedModel(const std::string& trained_weights);

  SegmentationModel& model() { return *model_; }

  /// For Train and Evaluate. Valid as long as this object.
  TrainTask task();

  /// Evaluates `splits`, then closes the log. Returns when the logs of all
  /// ranks are complete.
  absl::Status EvaluateAndCloseLog(const std::vector<DatasetIndex>& splits);

  /// Adds to `result`, which StartResult began and which lists the caller's
  /// files, what was evaluated, the sample sheet and the metric logs; then
  /// writes it. Rank 0 only.
  absl::Status Finish(Result result);

 private:
  absl::StatusOr<BuildOptions> Connect();

  RankRun(const LaunchPlan& plan, int rank)
      : plan_(plan), run_(plan.train().run()), rank_(rank) {}

  const LaunchPlan& plan_;
  const RunSpec& run_;
  const int rank_;
  const absl::Time start_ = absl::Now();
  at::Device device_ = at::Device(at::DeviceType::CPU);
  std::unique_ptr<RankLog> log_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::vector<std::string> noted_splits_;
  std::vector<std::string> notes_;
  std::unique_ptr<Collective> collective_;
  std::unique_ptr<CollectiveSum> statistics_;
  std::shared_ptr<SegmentationModel> model_;
  std::unique_ptr<SampleSheet> sheet_;
  int64_t truncated_sentences_ = 0;
  int64_t eval_items_ = 0;
  absl::Duration eval_time_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_RANK_RUN_H_
