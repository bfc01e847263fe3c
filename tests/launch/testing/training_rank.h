// One rank with all that the trainer and the evaluator work on, without a
// launcher and without a worker process.
#ifndef TRANSECT_TESTS_LAUNCH_TESTING_TRAINING_RANK_H_
#define TRANSECT_TESTS_LAUNCH_TESTING_TRAINING_RANK_H_

#include <memory>
#include <string>
#include <vector>

#include "data/index/dataset_index.h"
#include "data/text/tokenizer.h"
#include "experiments/experiment.pb.h"
#include "launch/collective/collective.h"
#include "launch/collective/collective_single.h"
#include "launch/collective/shard_sum.h"
#include "launch/rank/rank_log.h"
#include "launch/rank/train_task.h"
#include "launch/store/job.pb.h"
#include "metrics/metric_log.pb.h"
#include "model/base/segmentation_model.h"

namespace transect {

class TrainingRank {
 public:
  // `run` takes the data set and the tokenizer of SmallRun. `name` is that of
  // the job's directory.
  TrainingRank(const RunSpec& run, const std::string& name,
               std::unique_ptr<Collective> collective = MakeSingleCollective());

  TrainTask task();
  SegmentationModel& model() { return *model_; }

  // Closes the log and returns what is in it, without the header.
  std::vector<MetricRecord> Records();

 private:
  const RunSpec run_;
  LaunchPlan plan_;
  std::unique_ptr<Collective> collective_;
  CollectiveShardSum statistics_;
  std::unique_ptr<RankLog> log_;
  std::unique_ptr<Tokenizer> tokenizer_;
  std::shared_ptr<SegmentationModel> model_;
};

// A split of SmallRun's data set.
const DatasetIndex& SmallData(const std::string& split);

}  // namespace transect

#endif  // TRANSECT_TESTS_LAUNCH_TESTING_TRAINING_RANK_H_
