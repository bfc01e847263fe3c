/// \file
/// Maps the worker's errors to exit codes and to the last line of its stderr.
///
/// input: the `absl::Status` that ended a rank; output: `ExitCode.Code`
/// (launch/store/result.proto) and the line that the launcher shows to people.
///
/// A status carries its exit code as a payload where the caller knows more than
/// the status code says: a missing file is an error of the data set when the
/// data set is opened, and of the disk when the result is written.
#ifndef TRANSECT_LAUNCH_RANK_EXIT_CODES_H_
#define TRANSECT_LAUNCH_RANK_EXIT_CODES_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "launch/store/result.pb.h"

namespace transect {

/// Attaches `code` to an error that has none yet; OK and marked statuses are
/// returned as they are, so the innermost mark wins.
absl::Status MarkExitCode(absl::Status status, ExitCode::Code code);

/// The loss or the gradient is infinite or not a number: NON_FINITE.
absl::Status NonFiniteError(absl::string_view message);

/// Marks an error of LibTorch as MEMORY if it is RESOURCE_EXHAUSTED, else as
/// INTERNAL: what a checked spec makes the network throw is a bug.
absl::Status MarkComputation(absl::Status status);

/// Marks an error of reading a sample as MEMORY if it is RESOURCE_EXHAUSTED,
/// else as DATA.
absl::Status MarkSample(absl::Status status);

/// OK gives OK. Else the attached code; else PEER_LOST for a lost peer
/// (launch/collective/peer_lost.h); else by status code:
///
///     INVALID_ARGUMENT, FAILED_PRECONDITION,       SPEC
///     OUT_OF_RANGE, UNIMPLEMENTED
///     DATA_LOSS                                    DATA
///     NOT_FOUND, ALREADY_EXISTS,                   INPUT_OUTPUT
///     PERMISSION_DENIED, RESOURCE_EXHAUSTED
///     UNAVAILABLE, ABORTED, DEADLINE_EXCEEDED      TRY_AGAIN
///     all others                                   INTERNAL
ExitCode::Code ExitCodeOf(const absl::Status& status);

/// "transect_worker: <name of the exit code>: <message>", one line without a
/// newline at its end; newlines of the message become "; ".
std::string RootCauseLine(const absl::Status& status);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_RANK_EXIT_CODES_H_
