#include "launch/cli/page_refresher.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "launch/cli/output.h"
#include "launch/execute/process.h"

namespace transect {
namespace {

// Below that of the ranks.
constexpr int kNice = 5;

std::vector<std::string> OwnEnvironment() {
  std::vector<std::string> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    environment.emplace_back(*entry);
  }
  return environment;
}

}  // namespace

PageRefresher::PageRefresher(std::vector<std::string> command,
                             ExecutionObserver* next)
    : command_(std::move(command)), next_(*next) {}

PageRefresher::~PageRefresher() {
  if (pid_ == 0) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void PageRefresher::OnStart(int job, absl::string_view attempt_dir) {
  next_.OnStart(job, attempt_dir);
}

void PageRefresher::OnElsewhere(int job, absl::string_view holder) {
  next_.OnElsewhere(job, holder);
}

void PageRefresher::OnWait(int job, absl::string_view why) {
  next_.OnWait(job, why);
}

void PageRefresher::OnAgain(int job, absl::string_view why) {
  next_.OnAgain(job, why);
}

void PageRefresher::OnEnd(int job, const JobEnd& end) { next_.OnEnd(job, end); }

void PageRefresher::OnInterrupt(int signal_number) {
  next_.OnInterrupt(signal_number);
}

void PageRefresher::OnSuspend() { next_.OnSuspend(); }

void PageRefresher::OnTick(SteadyTime now) {
  next_.OnTick(now);
  if (due_ == SteadyTime::min()) due_ = now + kFirstPageAfter;
  if (pid_ != 0) Reap();
  if (pid_ != 0 || now < due_) return;
  due_ = now + kPageEvery;
  Start();
}

void PageRefresher::Start() {
  ProcessSpec process;
  process.program = command_[0];
  process.arguments.assign(command_.begin() + 1, command_.end());
  process.directory = ".";
  process.log_path = "/dev/null";
  process.environment = OwnEnvironment();
  const absl::StatusOr<pid_t> pid = StartProcess(process);
  if (!pid.ok()) {
    TellOnce(pid.status().message());
    return;
  }
  pid_ = *pid;
  setpriority(PRIO_PROCESS, static_cast<id_t>(pid_), kNice);
}

void PageRefresher::Reap() {
  int how = 0;
  if (waitpid(pid_, &how, WNOHANG) != pid_) return;
  pid_ = 0;
  // 2 is a report that some runs are missing from.
  if (WIFEXITED(how) && (WEXITSTATUS(how) == 0 || WEXITSTATUS(how) == 2)) {
    return;
  }
  TellOnce(absl::StrCat("see: ", ShellQuoted(command_)));
}

void PageRefresher::TellOnce(absl::string_view what) {
  if (told_) return;
  told_ = true;
  Tell(
      absl::StrCat("NOTE the report page could not be made, which stops no "
                   "run; ",
                   what, "\n"));
}

}  // namespace transect
