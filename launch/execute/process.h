/// \file
/// Starts the worker as a process that cannot outlive its launcher.
#ifndef TRANSECT_LAUNCH_EXECUTE_PROCESS_H_
#define TRANSECT_LAUNCH_EXECUTE_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

struct ProcessSpec {
  /// Absolute path of the program, then its arguments without argv[0].
  std::string program;
  std::vector<std::string> arguments;
  /// Working directory.
  std::string directory;
  /// File that stdout and stderr are appended to; made if missing. Empty for
  /// this process's own.
  std::string log_path;
  /// Descriptor that becomes stdin, or -1 for /dev/null.
  int input_descriptor = -1;
  /// Descriptors that become stdout and stderr where there is no log, or -1 for
  /// this process's own.
  int output_descriptor = -1;
  int error_descriptor = -1;
  /// Whether it stays in this process's group, so that Ctrl-C reaches it too.
  bool foreground = false;
  /// Its whole environment, "NAME=value" entries.
  std::vector<std::string> environment;
  /// Descriptor that the program inherits, or -1.
  int inherited_descriptor = -1;
};

/// Starts the program with default signal handling and no signal blocked, in a
/// process group of its own unless in the foreground, so that Ctrl-C reaches
/// the launcher alone. The kernel kills the program (SIGKILL) when the calling
/// *thread* ends, so call this from a thread that lives as long as the process.
/// Returns the process id, or an error that names the program and the reason.
absl::StatusOr<pid_t> StartProcess(const ProcessSpec& spec);

/// The environment of every worker, whether it is a rank or serves a request:
/// of this process's own variables only CUDA_DEVICE_ORDER,
/// CUDA_VISIBLE_DEVICES, HOME, LOGNAME, PATH, TMPDIR, TZ, USER and
/// XDG_CACHE_HOME; then `threads` as OMP_NUM_THREADS, threads that sleep while
/// they wait, and MKL's reproducible AVX2 kernels. So nothing that a user sets
/// chooses libraries (LD_*), kernels (ONEDNN_*, CUBLAS_*, GLIBC_TUNABLES, ...)
/// or threads in place of the spec. A variable that the worker is to see is
/// added here, never passed by accident.
std::vector<std::string> RankEnvironment(int threads);

/// The command as one line for people to paste into a shell.
std::string ShellQuoted(const std::vector<std::string>& words);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EXECUTE_PROCESS_H_
