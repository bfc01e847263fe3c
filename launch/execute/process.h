// Starting the worker: a process that cannot outlive its launcher.
#ifndef TRANSECT_LAUNCH_EXECUTE_PROCESS_H_
#define TRANSECT_LAUNCH_EXECUTE_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace transect {

struct ProcessSpec {
  // Absolute path of the program, then its arguments without argv[0].
  std::string program;
  std::vector<std::string> arguments;
  // Working directory.
  std::string directory;
  // File that stdout and stderr are appended to; made if missing. Empty: they
  // are this process's own.
  std::string log_path;
  // Descriptor that becomes stdin, or -1 for /dev/null.
  int input_descriptor = -1;
  // Stay in this process's group, so that Ctrl-C of a terminal reaches the
  // program too.
  bool foreground = false;
  // "NAME=value" entries; nothing else is passed on.
  std::vector<std::string> environment;
  // Descriptor that the program inherits, or -1.
  int inherited_descriptor = -1;
};

// Starts the program, in a process group of its own unless in the foreground
// (so that Ctrl-C of a terminal reaches the launcher alone), with default
// signal handling and no signal blocked. The kernel kills it (SIGKILL) when the
// calling *thread* ends, so call this from a thread that lives as long as the
// process. Returns the process id; an error where the program could not be
// executed, naming it and the reason.
absl::StatusOr<pid_t> StartProcess(const ProcessSpec& spec);

// The environment of a rank: this process's own, less the variables that
// choose numbers of threads or kernels behind the spec's back (OMP_*, GOMP_*,
// KMP_*, MKL_*, ATEN_*, TORCH_*, PYTORCH_*), with `threads` as OMP_NUM_THREADS,
// threads that sleep while they wait, and MKL's reproducible AVX2 kernels.
std::vector<std::string> RankEnvironment(int threads);

// The command as one line that a shell takes: for people.
std::string ShellQuoted(const std::vector<std::string>& words);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EXECUTE_PROCESS_H_
