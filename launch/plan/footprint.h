/// \file
/// Memory and disk that a training takes, by closed forms; no LibTorch.
///
/// Memory is what a rank needs at least: what is listed below, held against
/// measurement in tests/launch/plan/footprint_test.cc. Attention scores, which
/// some kernels store, and a GPU's driver come on top.
#ifndef TRANSECT_LAUNCH_PLAN_FOOTPRINT_H_
#define TRANSECT_LAUNCH_PLAN_FOOTPRINT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "experiments/experiment.pb.h"
#include "model/cost.h"

namespace transect {

/// What of a training is to do.
struct TrainingPart {
  /// The steps.
  bool train = true;
  /// Splits to evaluate.
  std::vector<std::string> eval_splits;
};

/// Items of a split, one for each sentence, and the side of their images in
/// pixels.
struct SplitSize {
  int64_t items = 0;
  int64_t image_size = 0;
  /// Whether it is that of a published data set because nobody has read the one
  /// that is meant.
  bool assumed = false;
};

/// Sizes of splits of found data sets that are known; FindDataUse
/// (launch/plan/data_use.h) fills it.
class DataSizes {
 public:
  void Add(const FoundDataset& data, absl::string_view split,
           const SplitSize& size);
  /// Null where it is not known.
  const SplitSize* Find(const FoundDataset& data,
                        absl::string_view split) const;

 private:
  std::map<std::string, SplitSize> sizes_;
};

/// The size of a split: what a recipe says, what `known` says of a found data
/// set, else that of PublishedAs(data.found()), assumed.
SplitSize SizeOfSplit(const DataSpec& data, absl::string_view split,
                      const DataSizes& known = {});

/// Name of the published data set that a found one counts as before it was
/// read: that in its layout; "RRSIS-D" for JSONL.
absl::string_view PublishedAs(const FoundDataset& data);

/// Optimizer steps of the resolved `run` on a train split of SizeOfSplit; 0
/// where the split is too small for one.
int64_t StepsOf(const RunSpec& run, const DataSizes& known = {});

/// Processors that reading images keeps busy in a step of `seconds` on
/// `images` images: at most one for each loader thread of each rank. The
/// threads wait otherwise.
double LoaderProcessors(const RunSpec& run, int64_t images, double seconds,
                        const DataSizes& known = {});

/// Bytes of one rank.
struct MemoryNeed {
  /// Resident in the process.
  int64_t host = 0;
  /// On its GPU; 0 on CPUs.
  int64_t device = 0;
};

/// Of a rank of the resolved `run`, the larger of what its steps and its
/// evaluation take; `cost` is CostOfImage(run).
///
/// With T trained and F frozen parameters, b bytes of the compute type (4 under
/// FP32, else 2) and R ranks, steps take: F b; T (4 + 4 + 8), that is values,
/// gradient and two moments, and T b more below FP32, where stages 1 and 2 of
/// ZeRO divide the moments by R and stage 2 keeps 4 T / R of summed gradients;
/// the activations of a shard; two buckets while gradients are summed over
/// ranks; and 4 T (1 + log2 of the shards of a rank) while they are summed in
/// it.
/// An evaluation takes the weights, those with adapters a second time, and, for
/// each image of `evaluation.batch`, what activation checkpointing would keep,
/// which bounds what lives at once; one between steps takes the same beside
/// what the training keeps between steps.
/// The host has the program and the batches that are read ahead besides, and
/// where a run reports its best weights a copy of those.
MemoryNeed MemoryOfRank(const RunSpec& run, const ModelCost& cost,
                        const TrainingPart& part);

/// Bytes in the store after that part of the resolved `run`: weights; metric
/// logs; predicted masks; pictures of samples; what describes the job.
int64_t DiskOfTraining(const RunSpec& run, const ModelCost& cost,
                       const TrainingPart& part, const DataSizes& known = {});

/// Most bytes that the checkpoints of the resolved `run` take until its
/// training of `steps` steps and `seconds` is over: training.checkpoint.keep of
/// them and the one in work, as far as that many are due. Each has the trained
/// values and two moments in fp32, and at most one file of best values where
/// the run reports those.
int64_t CheckpointBytes(const RunSpec& run, const ModelCost& cost, double steps,
                        double seconds);

/// Bytes of what describes a job: its spec, an attempt's launch plan, results.
inline constexpr int64_t kBytesOfJobFiles = 25'000;

/// Resident bytes of a worker on CPUs with its libraries, less its network.
inline constexpr int64_t kProgramBytes = 220'000'000;

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_FOOTPRINT_H_
