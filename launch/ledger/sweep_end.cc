#include "launch/ledger/sweep_end.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "launch/execute/job_attempts.h"
#include "launch/execute/process.h"
#include "launch/ledger/ledger.h"
#include "launch/plan/jobs.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr size_t kKeyDigits = 16;

}  // namespace

SweepEnd EndOf(const Plan& plan) {
  SweepEnd end;
  std::string which = plan.code;
  for (const Job& job : plan.Runs()) {
    if (!job.selected) continue;
    ++end.runs;
    int attempt = 0;
    if (job.state == JobState::kDone) {
      ++end.done;
      attempt = job.result.attempt();
    } else if (job.state == JobState::kFailed ||
               job.state == JobState::kCorrupt) {
      ++end.failed;
      attempt = LastAttempt(job);
    } else {
      ++end.open;
      attempt = LastAttempt(job);
    }
    absl::StrAppend(&which, "\n", job.id, " ", StateName(job.state), " ",
                    attempt);
  }
  end.key = Sha256(which).substr(0, kKeyDigits);
  return end;
}

absl::StatusOr<bool> ClaimEnd(const Store& store, const Plan& plan,
                              const SweepEnd& end) {
  const std::string directory = LedgerDirOf(store, plan.expansion.name);
  TRANSECT_RETURN_IF_ERROR(MakeDirs(directory));
  const std::string path = EndedPath(directory, end.key);
  if (FileExists(path)) return false;
  const std::string made = TemporaryPath(path);
  TRANSECT_RETURN_IF_ERROR(WriteFile(made, ""));
  absl::Status renamed = RenameNew(made, path);
  if (renamed.ok()) return true;
  unlink(made.c_str());
  if (absl::IsAlreadyExists(renamed)) return false;
  return renamed;
}

absl::Status RunOnEnd(const std::string& command, const Store& store,
                      const Plan& plan, const SweepEnd& end) {
  ProcessSpec process;
  process.program = "/bin/sh";
  process.arguments = {"-c", command};
  std::error_code error;
  process.directory = std::filesystem::current_path(error).string();
  if (error) process.directory = "/";
  process.output_descriptor = STDERR_FILENO;
  process.foreground = true;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    process.environment.emplace_back(*entry);
  }
  const auto add = [&](const char* name, const std::string& value) {
    process.environment.push_back(absl::StrCat("TRANSECT_", name, "=", value));
  };
  add("SWEEP", plan.expansion.name);
  add("STORE", store.root());
  add("RUNS", absl::StrCat(end.runs));
  add("DONE", absl::StrCat(end.done));
  add("FAILED", absl::StrCat(end.failed));
  add("OPEN", absl::StrCat(end.open));
  TRANSECT_ASSIGN_OR_RETURN(const pid_t pid, StartProcess(process));
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return absl::ErrnoToStatus(errno, "waitpid");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  return absl::UnknownError(absl::StrCat(
      "--on-end: `", command, "` ",
      WIFEXITED(status)
          ? absl::StrCat("ended with exit code ", WEXITSTATUS(status))
          : absl::StrCat("was ended by signal ", WTERMSIG(status))));
}

}  // namespace transect
