/// \file
/// Requests to stop a job: the file cancel.textproto in its directory.
///
/// Whoever holds the lease sees the file within a second or so (Attempt,
/// launch/execute/attempt.h), lets the ranks write their checkpoint and ends
/// the attempt. Launchers and worker slots that have the job still before them
/// leave it out. `transect run` of the job withdraws the request first.
///
/// Anyone may ask, from any machine that mounts the store and may write there;
/// no lease is needed, and nothing is lost where nobody sees the request.
#ifndef TRANSECT_LAUNCH_STORE_CANCEL_H_
#define TRANSECT_LAUNCH_STORE_CANCEL_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace transect {

/// Asks whoever works or is to work on `job_dir`, which is made if it is
/// missing, to stop. A request that is there stays.
absl::Status RequestCancel(absl::string_view job_dir);

/// Takes the request back; none is no error.
absl::Status WithdrawCancel(absl::string_view job_dir);

/// "cancelled by ann on node7 at 2026-01-31 14:05"; "" where nobody asked. A
/// request that cannot be read is one.
std::string CancelText(absl::string_view job_dir);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_STORE_CANCEL_H_
