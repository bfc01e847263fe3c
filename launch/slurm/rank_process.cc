#include "launch/slurm/rank_process.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "data/io/textproto.h"
#include "launch/execute/process.h"
#include "launch/execute/ranks.h"
#include "launch/inputs/limits.h"
#include "launch/slurm/interface_address.h"
#include "launch/slurm/rank_exit.pb.h"
#include "launch/slurm/staged.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

absl::StatusOr<int> NumberOfRank() {
  const char* const text = getenv("SLURM_PROCID");
  int rank = 0;
  if (text == nullptr || !absl::SimpleAtoi(text, &rank) || rank < 0) {
    return absl::FailedPreconditionError(
        "SLURM_PROCID is not set: srun starts this, in a job of `transect run "
        "--executor slurm`");
  }
  return rank;
}

// Signals that become one of the worker, and its end.
sigset_t Watched() {
  sigset_t watched;
  sigemptyset(&watched);
  for (const int number : {SIGTERM, SIGUSR2, SIGCHLD}) {
    sigaddset(&watched, number);
  }
  return watched;
}

// Waits for the worker and hands signals on; its wait status.
int WaitFor(pid_t pid, const sigset_t& watched) {
  int status = 0;
  while (waitpid(pid, &status, WNOHANG) != pid) {
    const timespec limit = {1, 0};
    const int number = sigtimedwait(&watched, nullptr, &limit);
    if (number == SIGTERM || number == SIGUSR2) kill(pid, SIGTERM);
  }
  return status;
}

absl::StatusOr<pid_t> StartWorker(const RankProcess& rank, int number,
                                  const LaunchPlan& plan) {
  ProcessSpec process;
  std::vector<std::string> words = rank.prefix;
  words.push_back(rank.worker);
  words.push_back(absl::StrCat("--launch=", rank.launch));
  words.push_back(absl::StrCat("--rank=", number));
  if (!rank.interface.empty()) {
    TRANSECT_ASSIGN_OR_RETURN(const std::string address,
                              InterfaceAddress(rank.interface));
    words.push_back(absl::StrCat("--address=", address));
  }
  process.program = words[0];
  if (process.program.find('/') == std::string::npos) {
    // Of a prefix, found by PATH.
    words.insert(words.begin(), "/usr/bin/env");
    process.program = words[0];
  }
  process.arguments.assign(words.begin() + 1, words.end());
  process.directory = plan.job_dir();
  const char* const visible = getenv("CUDA_VISIBLE_DEVICES");
  // As Slurm says it of this node.
  process.environment = EnvironmentOfRank(
      rank.threads, plan.gpu_size() > 0 && visible != nullptr ? visible : "");
  if (!rank.interface.empty()) {
    process.environment.push_back(
        absl::StrCat("NCCL_SOCKET_IFNAME=", rank.interface));
    process.environment.push_back(
        absl::StrCat("GLOO_SOCKET_IFNAME=", rank.interface));
  }
  process.log_path = RankLogPath(plan.attempt_dir(), number);
  for (const std::string& pair : rank.stage) {
    const size_t equals = pair.find('=');
    TRANSECT_RETURN_IF_ERROR(
        Stage(pair.substr(0, equals), pair.substr(equals + 1)));
  }
  return StartProcess(process);
}

}  // namespace

absl::StatusOr<int> RunRankProcess(const RankProcess& rank) {
  const sigset_t watched = Watched();
  sigprocmask(SIG_BLOCK, &watched, nullptr);
  TRANSECT_ASSIGN_OR_RETURN(const int number, NumberOfRank());
  TRANSECT_ASSIGN_OR_RETURN(const LaunchPlan plan,
                            ReadTextproto<LaunchPlan>(rank.launch));
  const int64_t kills_before = OutOfMemoryKills();
  RankExit end;
  char host[256] = "";
  if (gethostname(host, sizeof(host) - 1) == 0) end.set_host(host);
  const absl::StatusOr<pid_t> pid = StartWorker(rank, number, plan);
  if (pid.ok()) {
    const int status = WaitFor(*pid, watched);
    end.set_exit_code(WIFEXITED(status) ? WEXITSTATUS(status) : 0);
    end.set_signal(WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    end.set_out_of_memory(end.signal() == SIGKILL &&
                          OutOfMemoryKills() > kills_before);
  } else {
    end.set_exit_code(absl::IsNotFound(pid.status()) ? ExitCode::SPEC
                                                     : ExitCode::TRY_AGAIN);
    std::ofstream log(RankLogPath(plan.attempt_dir(), number), std::ios::app);
    log << "transect_worker: "
        << ExitCode::Code_Name(static_cast<ExitCode::Code>(end.exit_code()))
        << ": node " << host << ": " << pid.status().message() << std::endl;
  }
  end.set_unix_us(absl::ToUnixMicros(absl::Now()));
  TRANSECT_RETURN_IF_ERROR(
      WriteTextprotoAtomic(RankExitPath(plan.attempt_dir(), number), end));
  return 0;
}

}  // namespace transect
