/// \file
/// A run as one rank works on it: opens everything, evaluates, writes the
/// result. Shared by the training job and `transect evaluate`.
#ifndef TRANSECT_LAUNCH_WORKER_RANK_RUN_H_
#define TRANSECT_LAUNCH_WORKER_RANK_RUN_H_

#include <c10/core/Device.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/index/dataset_index.h"
#include "data/text/tokenizer.h"
#include "experiments/experiment.pb.h"
#include "launch/collective/collective.h"
#include "launch/collective/shard_sum.h"
#include "launch/rank/rank_log.h"
#include "launch/rank/train_task.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/worker/split_notes.h"
#include "model/base/segmentation_model.h"

namespace transect {

/// A split that a run reads.
struct OpenedSplit {
  DatasetIndex data;
  SplitNotes notes;
};

/// The calls follow this order: Open, OpenSplit for each split,
/// OpenInitialModel or OpenTrainedModel, StartLog, training, CloseLog, Evaluate
/// for each split. All ranks make the same calls.
class RankRun {
 public:
  /// Configures the process, opens the device and the tokenizer. `plan` holds a
  /// training and outlives this object. Only once in a process: it sets the
  /// number of threads.
  static absl::StatusOr<std::unique_ptr<RankRun>> Open(const LaunchPlan& plan,
                                                       int rank);

  absl::StatusOr<OpenedSplit> OpenSplit(const std::string& split);

  /// Connects the ranks and builds the network: with its initial weights, in
  /// training mode.
  absl::Status OpenInitialModel();
  /// The same as training left it, in evaluation mode; `trained_weights` as in
  /// BuildTrainedModel (load_model.h).
  absl::Status OpenTrainedModel(const std::string& trained_weights);

  SegmentationModel& model() { return *model_; }

  /// When it was opened.
  absl::Time start() const { return start_; }

  /// Opens the log of this rank in the attempt of `job`: the plan's, or that of
  /// an evaluation of images with this digest (data/index/content_digest.h).
  /// Its first records are the notes.
  absl::Status StartLog(const LaunchPlan& job, const SplitNotes& notes,
                        const std::string& content_digest = "");
  /// Returns when the logs of all ranks are complete.
  absl::Status CloseLog();

  /// For Train. Valid as long as this object.
  TrainTask task();

  /// Evaluates `split`, as the job `job` with a log, pictures and a result of
  /// its own, which lists the inputs that `verified` does.
  absl::Status Evaluate(const LaunchPlan& job, const OpenedSplit& split,
                        const Result& verified);

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
  std::unique_ptr<Collective> collective_;
  std::unique_ptr<CollectiveShardSum> statistics_;
  std::shared_ptr<SegmentationModel> model_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_RANK_RUN_H_
