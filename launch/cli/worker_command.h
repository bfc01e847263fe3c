/// \file
/// Verbs that need pixels or the model: `transect` links neither OpenCV nor
/// LibTorch, so the worker does them.
#ifndef TRANSECT_LAUNCH_CLI_WORKER_COMMAND_H_
#define TRANSECT_LAUNCH_CLI_WORKER_COMMAND_H_

#include <string>

#include "absl/status/statusor.h"
#include "launch/cli/verb.h"
#include "launch/requests/worker_request.pb.h"

namespace transect {

/// Runs the worker beside this program, as below.
absl::StatusOr<int> RunWorkerRequest(const CommandContext& context,
                                     const WorkerRequest& request);

/// Runs `worker --request`, a path, with `request` as its input, and waits for
/// it. What it writes goes to this process's standard output and error as
/// PrintOut and Tell (output.h) let it through. Returns the exit code
/// for `transect`: 0 success, 1 for an error that the worker has reported, 2
/// where a check found something, 128 + n after signal n. An error where there
/// is no worker or it cannot be started. The worker does not outlive this
/// process.
absl::StatusOr<int> RunWorkerProgram(const std::string& worker,
                                     const WorkerRequest& request);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_CLI_WORKER_COMMAND_H_
