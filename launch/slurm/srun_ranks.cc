#include "launch/slurm/srun_ranks.h"

#include <errno.h>
#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/execute/process.h"
#include "launch/slurm/command.h"
#include "launch/slurm/rank_exit.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

using Clock = std::chrono::steady_clock;

// A file that another node wrote may be seen so much later.
constexpr std::chrono::seconds kFileDelay{5};
// From the request that srun end its ranks to its own SIGKILL.
constexpr std::chrono::seconds kKillDelay{10};
constexpr int64_t kLogBytes = int64_t{1} << 20;

// What srun said last that is not about its own work.
std::string LastWords(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path, kLogBytes);
  if (!text.ok()) return "";
  const absl::string_view all = absl::StripAsciiWhitespace(*text);
  return std::string(all.substr(all.rfind('\n') + 1));
}

// The end of a rank that is gone without having said how.
RankEnd LostRank(int rank, absl::string_view how, const std::string& log_path) {
  RankEnd end;
  end.rank = rank;
  const absl::StatusOr<std::string> log = ReadFile(log_path, kLogBytes);
  const std::string words = LastWords(log_path);
  const std::string said = absl::StrCat(
      "srun ended with ", how, words.empty() ? "" : " and said: ", words);
  if (log.ok() && SaysOutOfMemory(*log)) {
    end.exit_code = ExitCode::MEMORY;
    end.out_of_memory = true;
    end.note =
        absl::StrCat("MEMORY: Slurm killed it for lack of memory; ", said);
  } else {
    end.exit_code = ExitCode::TRY_AGAIN;
    end.note =
        absl::StrCat("TRY_AGAIN: Slurm ended it, or its node failed; ", said);
  }
  return end;
}

class SrunRanks : public Ranks {
 public:
  SrunRanks(pid_t pid, const LaunchPlan& plan)
      : pid_(pid),
        attempt_dir_(plan.attempt_dir()),
        left_(static_cast<size_t>(plan.ranks())) {
    for (size_t rank = 0; rank < left_.size(); ++rank) {
      left_[rank] = static_cast<int>(rank);
    }
  }

  ~SrunRanks() override {
    if (pid_ == 0) return;
    // srun ends its ranks at SIGTERM; alone, it would leave them to Slurm.
    kill(pid_, SIGTERM);
    const Clock::time_point deadline = Clock::now() + kKillDelay;
    while (!Reap() && Clock::now() < deadline) {
      const timespec pause = {0, 20'000'000};
      nanosleep(&pause, nullptr);
    }
    if (pid_ == 0) return;
    kill(pid_, SIGKILL);
    while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  std::vector<RankEnd> Collect() override {
    if (Reap() && !gone_since_.has_value()) gone_since_ = Clock::now();
    std::vector<std::pair<int64_t, RankEnd>> found;
    std::erase_if(left_, [&](int rank) {
      const absl::StatusOr<RankExit> exit =
          ReadTextproto<RankExit>(RankExitPath(attempt_dir_, rank));
      if (!exit.ok()) return false;
      RankEnd end;
      end.rank = rank;
      end.exit_code = exit->exit_code();
      end.signal = exit->signal();
      end.out_of_memory = exit->out_of_memory();
      found.emplace_back(exit->unix_us(), std::move(end));
      return true;
    });
    std::ranges::sort(found, {}, [](const auto& entry) { return entry.first; });
    std::vector<RankEnd> ends;
    for (auto& [time, end] : found) ends.push_back(std::move(end));
    if (gone_since_.has_value() && Clock::now() - *gone_since_ >= kFileDelay) {
      for (const int rank : left_) {
        ends.push_back(LostRank(rank, how_, StepLogPath(attempt_dir_)));
      }
      left_.clear();
    }
    if (left_.empty() && pid_ != 0) {
      if (!all_told_.has_value()) all_told_ = Clock::now();
      if (Clock::now() - *all_told_ >= kKillDelay) kill(pid_, SIGKILL);
    }
    return ends;
  }

  bool running() const override { return !left_.empty() || pid_ != 0; }

  void Signal(int signal_number) override {
    if (pid_ == 0) return;
    switch (signal_number) {
      case SIGTERM:
        // srun hands USR2 on; at TERM it would kill.
        kill(pid_, SIGUSR2);
        break;
      case SIGKILL:
        kill(pid_, SIGTERM);
        break;
      default:
        // Ctrl-Z means nothing in an allocation.
        break;
    }
  }

 private:
  // Whether srun is gone.
  bool Reap() {
    int status = 0;
    if (pid_ != 0 && waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = 0;
      how_ = WIFEXITED(status) ? absl::StrCat("exit code ", WEXITSTATUS(status))
                               : absl::StrCat("signal ", WTERMSIG(status));
    }
    return pid_ == 0;
  }

  pid_t pid_;
  const std::string attempt_dir_;
  // Ranks that did not end.
  std::vector<int> left_;
  // Since when srun is gone; since when it is the only one that is not.
  std::optional<Clock::time_point> gone_since_;
  std::optional<Clock::time_point> all_told_;
  std::string how_;
};

}  // namespace

bool SaysOutOfMemory(absl::string_view step_log) {
  return absl::StrContains(step_log, "oom_kill event") ||
         absl::StrContains(step_log, "oom-kill event") ||
         absl::StrContains(step_log, "Out Of Memory");
}

std::vector<std::string> SrunCommand(const SrunOptions& options,
                                     const RanksSpec& spec) {
  const LaunchPlan& plan = spec.plan;
  const std::string& attempt = plan.attempt_dir();
  std::vector<std::string> words = {
      "--kill-on-bad-exit=1",
      "--mpi=none",
      "--input=none",
      "--export=ALL",
      absl::StrCat("--nodes=", spec.nodes),
      absl::StrCat("--ntasks=", plan.ranks()),
      absl::StrCat("--ntasks-per-node=", plan.ranks() / spec.nodes),
      absl::StrCat("--cpus-per-task=", options.processors),
      "--distribution=block",
      absl::StrCat("--chdir=", plan.job_dir()),
      options.program,
      "rank",
      absl::StrCat("--launch=", LaunchPath(attempt)),
      absl::StrCat("--worker=", options.worker),
      absl::StrCat("--threads=", spec.threads)};
  if (spec.nodes > 1) {
    words.push_back(absl::StrCat("--interface=", options.site.interface()));
  }
  for (const std::string& pair : options.stage) {
    words.push_back(absl::StrCat("--stage=", pair));
  }
  for (const std::string& word : options.site.container_prefix()) {
    words.push_back(absl::StrCat("--prefix=", word));
  }
  return words;
}

absl::StatusOr<std::unique_ptr<Ranks>> StartSrunRanks(
    const SrunOptions& options, const RanksSpec& spec) {
  ProcessSpec process;
  TRANSECT_ASSIGN_OR_RETURN(process.program, FindProgram("srun"));
  process.arguments = SrunCommand(options, spec);
  process.directory = spec.plan.job_dir();
  process.log_path = StepLogPath(spec.plan.attempt_dir());
  process.environment = SlurmEnvironment(/*inside=*/true);
  process.inherited_descriptor = spec.lease_descriptor;
  TRANSECT_ASSIGN_OR_RETURN(const pid_t pid, StartProcess(process));
  return std::make_unique<SrunRanks>(pid, spec.plan);
}

}  // namespace transect
