/// \file
/// Memory and disk that a training takes, by closed forms; no LibTorch.
///
/// Memory is what a rank needs at least: what is listed below, held against
/// measurement in tests/launch/plan/footprint_test.cc. Attention scores, which
/// some kernels store, and a GPU's driver come on top.
#ifndef TRANSECT_LAUNCH_PLAN_FOOTPRINT_H_
#define TRANSECT_LAUNCH_PLAN_FOOTPRINT_H_

#include <cstdint>
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
/// pixels. Of a found data set those of the published one in its layout,
/// because nothing is opened for a plan; a JSONL counts as RRSIS-D.
struct SplitSize {
  int64_t items = 0;
  int64_t image_size = 0;
};
SplitSize SizeOfSplit(const DataSpec& data, absl::string_view split);

/// Optimizer steps of the resolved `run` on a train split of SizeOfSplit; 0
/// where the split is too small for one.
int64_t StepsOf(const RunSpec& run);

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
/// gradient and two moments, and T b more below FP32; the activations of the
/// rank's share of a batch; and while gradients are summed the larger of R
/// copies of the gradient (2 R with Gloo, on CPUs, which gathers into one
/// buffer and copies out of it) and the 6 T of the check that it is finite.
/// An evaluation takes the weights and, for each image of `evaluation.batch`,
/// what activation checkpointing would keep, which bounds what lives at once.
/// The host has the program and the batches that are read ahead besides.
MemoryNeed MemoryOfRank(const RunSpec& run, const ModelCost& cost,
                        const TrainingPart& part);

/// Bytes in the store after that part of the resolved `run`: weights; metric
/// logs; predicted masks; pictures of samples; what describes the job.
int64_t DiskOfTraining(const RunSpec& run, const ModelCost& cost,
                       const TrainingPart& part);

/// Bytes of what describes a job: its spec, an attempt's launch plan, results.
inline constexpr int64_t kBytesOfJobFiles = 25'000;

}  // namespace transect

#endif  // TRANSECT_LAUNCH_PLAN_FOOTPRINT_H_
