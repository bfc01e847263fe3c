/// \file
/// Opening what a run computes with: threads, device, data set, tokenizer. The
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
#include "launch/store/job.pb.h"

namespace transect {

/// Sets this process to compute as `training` says: number of threads,
/// deterministic kernels. To be called before anything is computed.
void ConfigureNumerics(const TrainingSpec& training);

/// Where the run computes: its `training.device`. The rank takes the GPU of
/// its number among those of its machine that this process sees. Of an attempt
/// these are the GPUs of its launch plan, in their order, since the launcher
/// sets CUDA_VISIBLE_DEVICES. Errors: as OpenGpu (model/base/runtime.h).
absl::StatusOr<at::Device> OpenDevice(const TrainingSpec& training,
                                      int rank_on_machine);

/// The samples of `split` of the run's data set. Errors are marked DATA.
absl::StatusOr<DatasetIndex> OpenSplit(const TrainJob& job,
                                       absl::string_view split);

/// The run's tokenizer, whose vocabulary the network can hold and which treats
/// long sentences as the run says. Errors: DATA, SPEC.
absl::StatusOr<std::unique_ptr<Tokenizer>> OpenTokenizer(const TrainJob& job);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_OPEN_RUN_H_
