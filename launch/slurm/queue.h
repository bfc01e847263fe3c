/// \file
/// Asks Slurm about jobs, by their names: the only thing that is asked, in one
/// question for all of them. No accounting is needed.
///
/// A number of a job identifies nothing: a controller that crashes gives it
/// away again. So jobs are found by the name that they were submitted under,
/// and their comment says what they work on.
#ifndef TRANSECT_LAUNCH_SLURM_QUEUE_H_
#define TRANSECT_LAUNCH_SLURM_QUEUE_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "launch/ledger/queued_job.h"
#include "launch/slurm/command.h"

namespace transect {

/// Jobs of these names, at most 300 s after their end. kUnavailable if squeue
/// fails or does not answer within `timeout`: then nothing is known.
absl::StatusOr<std::vector<QueuedJob>> AskQueue(
    const std::vector<std::string>& names,
    std::chrono::milliseconds timeout = kCommandTimeout);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_SLURM_QUEUE_H_
