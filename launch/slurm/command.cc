#include "launch/slurm/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "launch/execute/process.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using Clock = std::chrono::steady_clock;

// By which Slurm's programs take options from the environment. Of SLURM_ those
// that name the installation stay.
constexpr absl::string_view kOptions[] = {"SBATCH_", "SQUEUE_", "SCANCEL_",
                                          "SRUN_", "SLURM_EXPORT_ENV"};
constexpr absl::string_view kInstallation[] = {"SLURM_CONF",
                                               "SLURM_TIME_FORMAT"};

std::string LastLine(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  return std::string(text.substr(text.rfind('\n') + 1));
}

// Reads what both pipes have until they end; false after `deadline`.
bool ReadBoth(int out, int err, Clock::time_point deadline,
              std::string* texts) {
  pollfd files[] = {{out, POLLIN, 0}, {err, POLLIN, 0}};
  while (files[0].fd >= 0 || files[1].fd >= 0) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - Clock::now());
    if (left.count() <= 0) return false;
    if (poll(files, 2, static_cast<int>(left.count())) < 0 && errno != EINTR) {
      return false;
    }
    for (int i = 0; i < 2; ++i) {
      if (files[i].fd < 0 || files[i].revents == 0) continue;
      char buffer[4096];
      const ssize_t got = read(files[i].fd, buffer, sizeof(buffer));
      if (got > 0) {
        texts[i].append(buffer, static_cast<size_t>(got));
      } else if (got == 0 || errno != EINTR) {
        files[i].fd = -1;
      }
    }
  }
  return true;
}

// Waits for the process until `deadline`; its status, or -1.
int WaitUntil(pid_t pid, Clock::time_point deadline) {
  int status = 0;
  while (waitpid(pid, &status, WNOHANG) == 0) {
    if (Clock::now() >= deadline) return -1;
    usleep(2000);
  }
  return status;
}

}  // namespace

std::vector<std::string> SlurmEnvironment(bool inside) {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const absl::string_view text = *entry;
    const auto begins = [text](absl::string_view name) {
      return absl::StartsWith(text, name);
    };
    const bool of_job = begins("SLURM_") &&
                        std::ranges::none_of(kInstallation, begins) && !inside;
    if (!of_job && std::ranges::none_of(kOptions, begins)) {
      environment.emplace_back(text);
    }
  }
  return environment;
}

absl::StatusOr<std::string> FindProgram(const std::string& program) {
  const char* const path = getenv("PATH");
  for (const absl::string_view directory :
       absl::StrSplit(path == nullptr ? "/usr/bin:/bin" : path, ':')) {
    std::string candidate = absl::StrCat(directory, "/", program);
    if (!directory.empty() && access(candidate.c_str(), X_OK) == 0) {
      return candidate;
    }
  }
  return absl::NotFoundError(absl::StrCat(
      "no program ", program,
      " in PATH: Slurm's commands are needed here; work on a login node of "
      "the cluster, or without --executor slurm"));
}

absl::StatusOr<std::string> RunCommand(const std::vector<std::string>& words,
                                       std::chrono::milliseconds timeout,
                                       int inherited) {
  ProcessSpec process;
  process.inherited_descriptor = inherited;
  TRANSECT_ASSIGN_OR_RETURN(process.program, FindProgram(words[0]));
  process.arguments.assign(words.begin() + 1, words.end());
  process.directory = "/";
  process.environment = SlurmEnvironment(/*inside=*/false);
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC) != 0) return absl::ErrnoToStatus(errno, "pipe");
  absl::Cleanup close_out = [&] { close(out[0]); };
  if (pipe2(err, O_CLOEXEC) != 0) {
    close(out[1]);
    return absl::ErrnoToStatus(errno, "pipe");
  }
  absl::Cleanup close_err = [&] { close(err[0]); };
  process.output_descriptor = out[1];
  process.error_descriptor = err[1];
  const absl::StatusOr<pid_t> pid = StartProcess(process);
  close(out[1]);
  close(err[1]);
  if (!pid.ok()) return absl::UnavailableError(pid.status().message());
  const Clock::time_point deadline = Clock::now() + timeout;
  std::string texts[2];
  const bool whole = ReadBoth(out[0], err[0], deadline, texts);
  const int status = whole ? WaitUntil(*pid, deadline) : -1;
  if (status == -1) {
    kill(*pid, SIGKILL);
    while (waitpid(*pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    return absl::UnavailableError(
        absl::StrCat(words[0], " did not answer within ",
                     timeout.count() / 1000, " seconds"));
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    const std::string said = LastLine(texts[1].empty() ? texts[0] : texts[1]);
    return absl::UnavailableError(absl::StrCat(
        words[0],
        WIFEXITED(status) ? " ended with exit code " : " ended by signal ",
        WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
        said.empty() ? "" : ": ", said));
  }
  return std::move(texts[0]);
}

}  // namespace transect
