#include "launch/cli/worker_command.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/textproto.h"
#include "launch/execute/process.h"
#include "launch/store/bundle.h"
#include "launch/store/result.pb.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

// A descriptor that reads `text` from its beginning.
absl::StatusOr<int> ReadableDescriptor(const std::string& text) {
  const int descriptor = memfd_create("request", MFD_CLOEXEC);
  if (descriptor < 0) {
    return absl::ErrnoToStatus(errno, "cannot make a file in memory");
  }
  size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote =
        write(descriptor, text.data() + done, text.size() - done);
    if (wrote < 0 && errno != EINTR) {
      const absl::Status status =
          absl::ErrnoToStatus(errno, "cannot write a file in memory");
      close(descriptor);
      return status;
    }
    done += wrote > 0 ? wrote : 0;
  }
  lseek(descriptor, 0, SEEK_SET);
  return descriptor;
}

}  // namespace

absl::StatusOr<int> RunWorkerRequest(const CommandContext& context,
                                     const WorkerRequest& request) {
  TRANSECT_ASSIGN_OR_RETURN(const BuiltWorker worker,
                            FindWorker(context.argv[0]));
  return RunWorkerProgram(absl::StrCat(worker.root, "/", worker.worker),
                          request);
}

absl::StatusOr<int> RunWorkerProgram(const std::string& worker,
                                     const WorkerRequest& request) {
  TRANSECT_ASSIGN_OR_RETURN(const int input,
                            ReadableDescriptor(PrintTextproto(request)));
  ProcessSpec process;
  process.program = worker;
  process.arguments = {"--request"};
  process.directory = ".";
  process.foreground = true;
  process.input_descriptor = input;
  process.environment =
      RankEnvironment(static_cast<int>(std::thread::hardware_concurrency()));
  fflush(stdout);
  const absl::StatusOr<pid_t> pid = StartProcess(process);
  close(input);
  TRANSECT_RETURN_IF_ERROR(pid.status());
  int how = 0;
  while (waitpid(*pid, &how, 0) < 0) {
    if (errno != EINTR) {
      return absl::ErrnoToStatus(errno, "cannot wait for the worker");
    }
  }
  if (WIFSIGNALED(how)) {
    return 128 + WTERMSIG(how);
  }
  switch (WEXITSTATUS(how)) {
    case ExitCode::OK:
      return 0;
    case ExitCode::FOUND:
      return 2;
    default:
      return 1;
  }
}

}  // namespace transect
