/// \file
/// Faults on demand: tests make one call of the file layer fail in any process,
/// also in a rank.
///
/// input: the environment variable TRANSECT_FILE_FAULT, which ranks take over
/// from the launcher; output: whether the call that is about to be made fails
/// instead. Without the variable a call costs one comparison.
///
///     TRANSECT_FILE_FAULT="OPERATION TEXT N WHAT[; ...]"
///
/// The N-th call (from 1; "*" for each) of OPERATION on a path that contains
/// TEXT does WHAT: an errno by number, such as 28 for a full disk, "kill",
/// which kills the process as SIGKILL does, or "stop", which stops it as
/// SIGSTOP does and then makes the call. OPERATION is one of open, write,
/// fsync, rename, link, fsyncdir, mkdir, or any for each of them. What cannot
/// be parsed ends the process: a fault that never fires would make a test pass.
#ifndef TRANSECT_DATA_IO_FILE_FAULT_H_
#define TRANSECT_DATA_IO_FILE_FAULT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

/// One fault of the variable.
struct FileFault {
  std::string operation;
  std::string text;
  /// 0 for each call.
  int nth = 0;
  /// 0 for a signal.
  int error = 0;
  /// SIGKILL or SIGSTOP; 0 for an errno.
  int signal = 0;
  /// Calls that matched so far.
  int calls = 0;
};

/// The faults that the text asks for. kInvalidArgument with the part that says
/// something else.
absl::StatusOr<std::vector<FileFault>> ParseFileFaults(absl::string_view text);

/// Counts a call, and returns the errno with which it fails, or 0. May not
/// return at all.
int InjectedFault(absl::string_view operation, absl::string_view path);

}  // namespace transect

#endif  // TRANSECT_DATA_IO_FILE_FAULT_H_
