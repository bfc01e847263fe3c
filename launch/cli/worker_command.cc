#include "launch/cli/worker_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/textproto.h"
#include "launch/cli/output.h"
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

// Passes on what comes from a pipe, as PrintOut and Tell let it through, line
// by line as far as there are lines.
class PipeReader {
 public:
  PipeReader(int descriptor, absl::Status (*pass)(absl::string_view))
      : descriptor_(descriptor), pass_(pass) {}
  ~PipeReader() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  // -1 when the other end is closed; poll passes over it.
  int descriptor() const { return descriptor_; }

  // The first error of passing on; what came after it was read and dropped.
  const absl::Status& status() const { return status_; }

  // Reads what is there.
  void Read() {
    constexpr size_t kMostKept = size_t{1} << 20;
    char buffer[1 << 16];
    const ssize_t got = read(descriptor_, buffer, sizeof(buffer));
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (got > 0) {
      kept_.append(buffer, static_cast<size_t>(got));
    } else {
      close(descriptor_);
      descriptor_ = -1;
    }
    size_t end = kept_.rfind('\n') + 1;
    if (descriptor_ < 0 || (end == 0 && kept_.size() > kMostKept)) {
      end = kept_.size();
      // Not within a character, of which more will come.
      while (descriptor_ >= 0 && end > 1 &&
             (static_cast<unsigned char>(kept_[end - 1]) & 0x80) != 0) {
        --end;
      }
    }
    if (end > 0) {
      status_.Update(pass_(absl::string_view(kept_).substr(0, end)));
      kept_.erase(0, end);
    }
  }

 private:
  int descriptor_;
  absl::Status (*pass_)(absl::string_view);
  absl::Status status_;
  std::string kept_;
};

// What the worker prints may be JSON; what it tells is for people.
absl::Status PassOutput(absl::string_view text) {
  return PrintOut(text, Printed::kDocument);
}
absl::Status PassTold(absl::string_view text) {
  Tell(text);
  return absl::OkStatus();
}

// Whether stdout and stderr are one file, terminal or pipe, in which the order
// of their lines can be seen.
bool OutputAndErrorsAreOne() {
  struct stat output;
  struct stat errors;
  return fstat(STDOUT_FILENO, &output) == 0 &&
         fstat(STDERR_FILENO, &errors) == 0 && output.st_dev == errors.st_dev &&
         output.st_ino == errors.st_ino;
}

// Passes on both streams of a worker until it has closed them; `errors` is -1
// where both come from `output`. An error if not all of its output could be
// written.
absl::Status PassOn(int output, int errors) {
  PipeReader out(output, PassOutput);
  PipeReader err(errors, PassTold);
  while (out.descriptor() >= 0 || err.descriptor() >= 0) {
    pollfd ready[] = {{out.descriptor(), POLLIN, 0},
                      {err.descriptor(), POLLIN, 0}};
    if (poll(ready, 2, -1) < 0 && errno != EINTR) {
      return absl::ErrnoToStatus(errno, "cannot wait for the worker");
    }
    if (ready[0].revents != 0) out.Read();
    if (ready[1].revents != 0) err.Read();
  }
  return out.status();
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
  FinishTelling();
  int output[2] = {-1, -1};
  int errors[2] = {-1, -1};
  // Two pipes do not tell which line came first.
  const bool one = OutputAndErrorsAreOne();
  if (pipe2(output, O_CLOEXEC) != 0 ||
      (!one && pipe2(errors, O_CLOEXEC) != 0)) {
    return absl::ErrnoToStatus(errno, "cannot make a pipe");
  }
  process.output_descriptor = output[1];
  process.error_descriptor = one ? output[1] : errors[1];
  const absl::StatusOr<pid_t> pid = StartProcess(process);
  close(input);
  close(output[1]);
  if (!one) close(errors[1]);
  // Ends at once where nothing was started.
  const absl::Status passed = PassOn(output[0], errors[0]);
  TRANSECT_RETURN_IF_ERROR(pid.status());
  int how = 0;
  while (waitpid(*pid, &how, 0) < 0) {
    if (errno != EINTR) {
      return absl::ErrnoToStatus(errno, "cannot wait for the worker");
    }
  }
  if (WIFEXITED(how) && WEXITSTATUS(how) == 0) {
    TRANSECT_RETURN_IF_ERROR(passed);
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
