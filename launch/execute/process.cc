#include "launch/execute/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace transect {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& string : strings) {
    pointers.push_back(const_cast<char*>(string.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

// What the child needs, prepared before fork: after it only functions that are
// safe in a signal handler may be called.
struct ChildPlan {
  const ProcessSpec& spec;
  char* const* arguments;
  char* const* environment;
  int error_pipe;
  pid_t parent;
};

// Which step of the child failed, and errno.
struct ChildError {
  int step;
  int error;
};
constexpr const char* kSteps[] = {"set up", "enter its directory",
                                  "open its log", "execute"};

[[noreturn]] void RunChild(const ChildPlan& plan) {
  const ProcessSpec& spec = plan.spec;
  int step = 0;
  do {
    if (!spec.foreground && setpgid(0, 0) != 0) break;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) break;
    // The parent may have died before prctl.
    if (getppid() != plan.parent) _exit(127);
    for (int signal_number = 1; signal_number < NSIG; ++signal_number) {
      signal(signal_number, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    step = 1;
    if (chdir(spec.directory.c_str()) != 0) break;
    step = 2;
    const int input = spec.input_descriptor >= 0 ? spec.input_descriptor
                                                 : open("/dev/null", O_RDONLY);
    if (input < 0 || dup2(input, STDIN_FILENO) < 0) break;
    if (input > STDERR_FILENO) close(input);
    if (!spec.log_path.empty()) {
      const int log =
          open(spec.log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
      if (log < 0 || dup2(log, STDOUT_FILENO) < 0 ||
          dup2(log, STDERR_FILENO) < 0) {
        break;
      }
      if (log > STDERR_FILENO) close(log);
    } else if ((spec.output_descriptor >= 0 &&
                dup2(spec.output_descriptor, STDOUT_FILENO) < 0) ||
               (spec.error_descriptor >= 0 &&
                dup2(spec.error_descriptor, STDERR_FILENO) < 0)) {
      break;
    }
    if (spec.inherited_descriptor >= 0 &&
        fcntl(spec.inherited_descriptor, F_SETFD, 0) != 0) {
      break;
    }
    step = 3;
    execve(spec.program.c_str(), plan.arguments, plan.environment);
  } while (false);
  const ChildError error = {step, errno};
  if (write(plan.error_pipe, &error, sizeof(error)) < 0) _exit(126);
  _exit(127);
}

// What a rank takes over from the launcher: where people keep their files and
// which GPUs it may see. None of them chooses a kernel or a library.
constexpr absl::string_view kPassed[] = {
    "CUDA_DEVICE_ORDER",
    "CUDA_VISIBLE_DEVICES",
    "HOME",
    "LOGNAME",
    "PATH",
    "TMPDIR",
    // Faults that tests ask for (data/io/file_fault.h).
    "TRANSECT_FILE_FAULT",
    "TZ",
    "USER",
    "XDG_CACHE_HOME",
};

bool IsPassed(absl::string_view entry) {
  const absl::string_view name = entry.substr(0, entry.find('='));
  return std::ranges::find(kPassed, name) != std::end(kPassed);
}

bool IsPlain(absl::string_view word) {
  return !word.empty() &&
         word.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyz"
             "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
             "0123456789_-+=./:,@%") == absl::string_view::npos;
}

}  // namespace

absl::StatusOr<pid_t> StartProcess(const ProcessSpec& spec) {
  std::vector<std::string> words = spec.arguments;
  words.insert(words.begin(), spec.program);
  const std::vector<char*> arguments = Pointers(words);
  const std::vector<char*> environment = Pointers(spec.environment);
  int error_pipe[2];
  if (pipe2(error_pipe, O_CLOEXEC) != 0) {
    return absl::ErrnoToStatus(errno, "cannot make a pipe");
  }
  const ChildPlan plan = {spec, arguments.data(), environment.data(),
                          error_pipe[1], getpid()};
  const pid_t pid = fork();
  if (pid == 0) {
    RunChild(plan);
  }
  const int fork_error = errno;
  close(error_pipe[1]);
  if (pid < 0) {
    close(error_pipe[0]);
    return absl::ErrnoToStatus(fork_error, "cannot start a process");
  }
  // The pipe closes without a word when execve succeeds.
  ChildError error;
  ssize_t got;
  do {
    got = read(error_pipe[0], &error, sizeof(error));
  } while (got < 0 && errno == EINTR);
  close(error_pipe[0]);
  if (got == 0) {
    return pid;
  }
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (got != sizeof(error)) {
    return absl::InternalError(absl::StrCat("cannot start ", spec.program,
                                            ": it ended before it ran"));
  }
  const std::string subjects[] = {"", " " + spec.directory, " " + spec.log_path,
                                  ""};
  return absl::ErrnoToStatus(
      error.error, absl::StrCat("cannot start ", spec.program, ": could not ",
                                kSteps[error.step], subjects[error.step]));
}

std::vector<std::string> RankEnvironment(int threads) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (IsPassed(*entry)) {
      environment.push_back(*entry);
    }
  }
  environment.push_back(absl::StrCat("OMP_NUM_THREADS=", threads));
  // Threads that spin while they wait take the processor from those they wait
  // for: on two busy processors a step on two threads took 0.8 s, not 0.14 s.
  environment.push_back("OMP_WAIT_POLICY=PASSIVE");
  // MKL otherwise chooses kernels by the alignment of its arguments: logits of
  // one image then differed by 1e-5 with its place in the batch.
  environment.push_back("MKL_CBWR=AVX2");
  return environment;
}

std::string ShellQuoted(const std::vector<std::string>& words) {
  return absl::StrJoin(
      words, " ", [](std::string* out, const std::string& word) {
        absl::StrAppend(
            out,
            IsPlain(word)
                ? word
                : absl::StrCat("'", absl::StrReplaceAll(word, {{"'", "'\\''"}}),
                               "'"));
      });
}

}  // namespace transect
