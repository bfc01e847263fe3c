/// \file
/// The job of training and evaluating one run, as one rank does it.
///
/// input: a `LaunchPlan` with `train`; output: the rank's metric log and, from
/// rank 0, weights.safetensors (trained tensors and buffers for tuning
/// ADAPTERS, all tensors for tuning ALL) and, last, result.textproto.
#ifndef TRANSECT_LAUNCH_WORKER_TRAIN_JOB_H_
#define TRANSECT_LAUNCH_WORKER_TRAIN_JOB_H_

#include "absl/status/status.h"
#include "launch/store/job.pb.h"

namespace transect {

/// Runs rank `rank` of the plan. Only once in a process: it configures the
/// process's threads and numerics.
absl::Status RunTrainJob(const LaunchPlan& plan, int rank);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_WORKER_TRAIN_JOB_H_
