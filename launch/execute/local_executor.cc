#include "launch/execute/local_executor.h"

#include <string.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "launch/execute/attempt.h"
#include "launch/execute/signal_watch.h"
#include "launch/plan/found_contents.h"
#include "launch/plan/plan.h"
#include "launch/store/check_job.h"
#include "launch/store/lease.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {
namespace {

constexpr std::chrono::milliseconds kTick{100};

bool IsDone(const JobEnd& end) {
  return end.kind == JobEnd::kDone || end.kind == JobEnd::kDoneElse;
}

int LastAttempt(const Job& job) {
  const std::vector<int> attempts = Attempts(job.dir);
  return attempts.empty() ? 0 : attempts.back();
}

class Executor {
 public:
  Executor(const ExecutorOptions& options, const Store& store, Plan* plan,
           ExecutionObserver* observer)
      : options_(options), store_(store), plan_(*plan), observer_(*observer) {
    execution_.ends.resize(plan_.jobs.size());
    elsewhere_.resize(plan_.jobs.size());
    for (const Job& job : plan_.jobs) {
      attempts_before_.push_back(job.wanted ? LastAttempt(job) : 0);
    }
  }

  Execution Run() {
    SignalWatch signals;
    while (true) {
      const SteadyTime now = std::chrono::steady_clock::now();
      CollectEnded(now);
      const bool waiting = MayStart() && StartReady(now);
      observer_.OnTick(now);
      if (running_.empty() && !waiting) {
        break;
      }
      if (const int number = signals.Wait(kTick); number != 0) {
        Interrupt(number);
      }
    }
    for (Job& job : plan_.jobs) {
      if (job.wanted) {
        RefreshState(store_, plan_.code, &job);
      }
    }
    return std::move(execution_);
  }

 private:
  struct Running {
    int job;
    SteadyTime start;
    std::unique_ptr<Attempt> attempt;
  };

  bool MayStart() const {
    return execution_.signal == 0 && execution_.launcher_error.ok();
  }

  void End(int job, JobEnd end) {
    execution_.ends[job] = std::move(end);
    observer_.OnEnd(job, execution_.ends[job]);
  }

  void Interrupt(int number) {
    if (execution_.signal != 0) {
      for (Running& running : running_) running.attempt->Kill();
      return;
    }
    execution_.signal = number;
    observer_.OnInterrupt(number);
    for (Running& running : running_) {
      running.attempt->Interrupt(
          absl::StrCat("transect was stopped by ", strsignal(number)),
          std::chrono::steady_clock::now());
    }
  }

  void CollectEnded(SteadyTime now) {
    for (Running& running : running_) {
      Attempt& attempt = *running.attempt;
      if (!attempt.Poll(now)) {
        continue;
      }
      JobEnd end;
      if (attempt.succeeded()) {
        end.kind = JobEnd::kDone;
        end.seconds =
            std::chrono::duration<double>(now - running.start).count();
      } else {
        end.kind = attempt.outcome().interrupted() ? JobEnd::kInterrupted
                                                   : JobEnd::kFailed;
        end.cause = attempt.outcome().cause();
        end.log = attempt.LogPath();
      }
      running.attempt.reset();
      End(running.job, std::move(end));
    }
    std::erase_if(running_, [](const Running& running) {
      return running.attempt == nullptr;
    });
  }

  bool HasRoomFor(const Job& job) const {
    // Runs that train the same and evaluate differently share a directory.
    for (const Running& running : running_) {
      if (plan_.jobs[running.job].dir == job.dir) return false;
    }
    if (options_.jobs > 0) {
      return static_cast<int>(running_.size()) < options_.jobs;
    }
    int used = 0;
    for (const Running& running : running_) {
      used += plan_.jobs[running.job].processors();
    }
    return running_.empty() || used + job.processors() <= options_.processors;
  }

  // Index of a needed job that ended badly, or -1; `ready` says whether all
  // needed jobs are done.
  int BadNeed(const Job& job, bool* ready) const {
    *ready = true;
    for (const int needed : job.needs) {
      const JobEnd& end = execution_.ends[needed];
      const Job& need = plan_.jobs[needed];
      if (need.state == JobState::kCorrupt) return needed;
      if (!need.wanted || IsDone(end)) continue;
      *ready = false;
      if (end.kind != JobEnd::kOpen) return needed;
    }
    return -1;
  }

  bool IsRunning(int job) const {
    return std::ranges::find(running_, job, &Running::job) != running_.end();
  }

  // Starts what can be started. Returns whether wanted jobs are left that are
  // not running.
  bool StartReady(SteadyTime now) {
    bool left = false;
    for (int index = 0; index < static_cast<int>(plan_.jobs.size()); ++index) {
      const Job& job = plan_.jobs[index];
      if (!job.wanted || execution_.ends[index].kind != JobEnd::kOpen ||
          IsRunning(index)) {
        continue;
      }
      bool ready = false;
      if (const int bad = BadNeed(job, &ready); bad >= 0) {
        const Job& need = plan_.jobs[bad];
        JobEnd end;
        end.kind = JobEnd::kBlocked;
        end.cause = absl::StrCat("needs ", need.name, ", which ",
                                 need.state == JobState::kCorrupt
                                     ? absl::StrCat("is corrupt: ", need.note)
                                     : "could not be made");
        End(index, std::move(end));
        continue;
      }
      if (ready && HasRoomFor(job)) {
        TryStart(index, now);
        if (!MayStart()) return false;
      }
      left = left || (execution_.ends[index].kind == JobEnd::kOpen &&
                      !IsRunning(index));
    }
    return left;
  }

  void FailToStart(int index, absl::Status status) {
    JobEnd end;
    end.kind = JobEnd::kFailed;
    end.cause = std::string(status.message());
    execution_.launcher_error = std::move(status);
    End(index, std::move(end));
  }

  void TryStart(int index, SteadyTime now) {
    Job& job = plan_.jobs[index];
    if (absl::Status made = MakeDirs(job.dir); !made.ok()) {
      return FailToStart(index, std::move(made));
    }
    absl::StatusOr<std::unique_ptr<Lease>> lease = Lease::TryTake(job.dir);
    if (absl::IsUnavailable(lease.status())) {
      if (!elsewhere_[index]) {
        elsewhere_[index] = true;
        observer_.OnElsewhere(index, LeaseHolder(job.dir));
      }
      return;
    }
    if (!lease.ok()) {
      return FailToStart(index, lease.status());
    }
    if (EndedElsewhere(index)) {
      return;
    }
    if (options_.check_worker != nullptr) {
      if (absl::Status checked = options_.check_worker(); !checked.ok()) {
        return FailToStart(index, std::move(checked));
      }
    }
    AttemptSpec spec;
    spec.worker = options_.worker;
    spec.plan = job.launch;
    spec.plan.set_store(store_.root());
    if (spec.plan.has_train()) {
      absl::Status added =
          AddFoundContents(plan_.found, job.inputs, spec.plan.mutable_train());
      if (!added.ok()) return FailToStart(index, std::move(added));
    }
    spec.job_dir = job.dir;
    spec.threads = job.threads;
    spec.spec_text = SpecText(plan_, index);
    spec.inputs = job.inputs;
    spec.provenance = options_.provenance;
    absl::StatusOr<std::unique_ptr<Attempt>> attempt =
        Attempt::Start(std::move(spec), *std::move(lease));
    if (!attempt.ok()) {
      return FailToStart(index, attempt.status());
    }
    observer_.OnStart(index, (*attempt)->directory());
    running_.push_back({index, now, *std::move(attempt)});
  }

  // Whether another launcher ended the job since the plan was made. The caller
  // holds the lease, so that the answer stays true.
  bool EndedElsewhere(int index) {
    Job& job = plan_.jobs[index];
    const ResultCheck check = CheckJob(
        job.dir, job.id, job.inputs.has_code() ? plan_.code : std::string(),
        EvaluationsOf(job.launch));
    JobEnd end;
    if (check.state == ResultCheck::kValid) {
      end.kind = JobEnd::kDoneElse;
    } else if (check.state == ResultCheck::kCorrupt) {
      end.kind = JobEnd::kFailed;
      end.cause = check.problem;
    } else if (const int last = LastAttempt(job);
               check.state == ResultCheck::kAbsent &&
               last > attempts_before_[index]) {
      const absl::StatusOr<Outcome> outcome =
          ReadTextproto<Outcome>(OutcomePath(AttemptDir(job.dir, last)));
      // One that succeeded evaluated something else.
      if (!outcome.ok() || !IsFailureOf(job, last, *outcome)) return false;
      end.kind = JobEnd::kFailed;
      end.cause = outcome->cause();
      end.log = RankLogPath(AttemptDir(job.dir, last), outcome->rank());
    } else {
      return false;
    }
    End(index, std::move(end));
    return true;
  }

  const ExecutorOptions& options_;
  const Store& store_;
  Plan& plan_;
  ExecutionObserver& observer_;
  std::vector<Running> running_;
  std::vector<bool> elsewhere_;
  std::vector<int> attempts_before_;
  Execution execution_;
};

}  // namespace

Execution ExecuteLocally(const ExecutorOptions& options, const Store& store,
                         Plan* plan, ExecutionObserver* observer) {
  return Executor(options, store, plan, observer).Run();
}

}  // namespace transect
