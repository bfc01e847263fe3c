#include "launch/execute/ranks.h"

#include <errno.h>
#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "launch/execute/process.h"
#include "launch/store/store.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

class LocalRanks : public Ranks {
 public:
  explicit LocalRanks(const RanksSpec& spec)
      : out_of_memory_kills_(spec.out_of_memory_kills),
        kills_before_(out_of_memory_kills_()) {}

  ~LocalRanks() override {
    LocalRanks::Signal(SIGKILL);
    for (const pid_t pid : pids_) {
      while (pid > 0 && waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
      }
    }
  }

  void Add(pid_t pid) { pids_.push_back(pid); }

  std::vector<RankEnd> Collect() override {
    std::vector<RankEnd> ends;
    for (size_t rank = 0; rank < pids_.size(); ++rank) {
      int status = 0;
      if (pids_[rank] == 0 ||
          waitpid(pids_[rank], &status, WNOHANG) != pids_[rank]) {
        continue;
      }
      pids_[rank] = 0;
      RankEnd end;
      end.rank = static_cast<int>(rank);
      end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
      end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
      end.out_of_memory =
          end.signal == SIGKILL && out_of_memory_kills_() > kills_before_;
      ends.push_back(std::move(end));
    }
    return ends;
  }

  bool running() const override {
    return std::ranges::any_of(pids_, [](pid_t pid) { return pid > 0; });
  }

  void Signal(int signal_number) override {
    for (const pid_t pid : pids_) {
      if (pid > 0) kill(pid, signal_number);
    }
  }

 private:
  const std::function<int64_t()> out_of_memory_kills_;
  const int64_t kills_before_;
  std::vector<pid_t> pids_;  // by rank; 0 once collected
};

}  // namespace

std::vector<std::string> EnvironmentOfRank(int threads,
                                           const std::string& visible_gpus) {
  constexpr absl::string_view kVisible = "CUDA_VISIBLE_DEVICES=";
  std::vector<std::string> environment = RankEnvironment(threads);
  std::erase_if(environment, [&](const std::string& entry) {
    return absl::StartsWith(entry, kVisible);
  });
  environment.push_back(absl::StrCat(kVisible, visible_gpus));
  return environment;
}

absl::StatusOr<std::unique_ptr<Ranks>> StartLocalRanks(const RanksSpec& spec) {
  auto ranks = std::make_unique<LocalRanks>(spec);
  const std::string& directory = spec.plan.attempt_dir();
  ProcessSpec process;
  process.program = spec.worker;
  process.directory = spec.plan.job_dir();
  // A rank sees the GPUs of its job and no others.
  process.environment =
      EnvironmentOfRank(spec.threads, absl::StrJoin(spec.plan.gpu(), ","));
  process.inherited_descriptor = spec.lease_descriptor;
  for (int rank = 0; rank < spec.plan.ranks(); ++rank) {
    process.arguments = {absl::StrCat("--launch=", LaunchPath(directory)),
                         absl::StrCat("--rank=", rank)};
    process.log_path = RankLogPath(directory, rank);
    TRANSECT_ASSIGN_OR_RETURN(const pid_t pid, StartProcess(process));
    ranks->Add(pid);
  }
  return ranks;
}

}  // namespace transect
