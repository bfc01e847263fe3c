/// \file
/// Opening what a run works on: numerics, data set, tokenizer, network. The
/// same for a rank that trains and for requests that use what it trained.
#ifndef TRANSECT_LAUNCH_WORKER_OPEN_RUN_H_
#define TRANSECT_LAUNCH_WORKER_OPEN_RUN_H_

#include <c10/core/Device.h>

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/index/dataset_index.h"
#include "data/text/tokenizer.h"
#include "experiments/training/training.pb.h"
#include "launch/collective/cross_rank_sum.h"
#include "launch/requests/worker_request.pb.h"
#include "launch/store/job.pb.h"
#include "model/base/segmentation_model.h"
#include "model/model.pb.h"

namespace transect {

/// Sets this process to compute as `training` says: number of threads,
/// deterministic kernels. Before anything is computed.
void ConfigureNumerics(const TrainingSpec& training);

/// Where the run computes: its `training.device`. All ranks are on this
/// machine, so each takes the GPU of its number. Errors: as OpenGpu
/// (model/base/runtime.h).
absl::StatusOr<at::Device> OpenDevice(const TrainingSpec& training, int rank);

/// The samples of `split` of the run's data set. Errors are marked DATA.
absl::StatusOr<DatasetIndex> OpenSplit(const TrainJob& job,
                                       absl::string_view split);

/// The run's tokenizer, which fits its network and treats long sentences as the
/// run says. Errors: DATA, SPEC.
absl::StatusOr<std::unique_ptr<Tokenizer>> OpenTokenizer(const TrainJob& job);

/// The run's network as it is before the first step, in training mode.
/// \param statistics what it sums batch statistics with; null for one rank.
absl::StatusOr<std::shared_ptr<SegmentationModel>> OpenModel(
    const TrainJob& job, at::Device device, CollectiveSum* statistics);

/// The run's network as training left it, in evaluation mode; as it is before
/// the first step where there are no trained weights.
absl::StatusOr<std::shared_ptr<SegmentationModel>> OpenTrainedModel(
    const RunFiles& files, at::Device device);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_OPEN_RUN_H_
