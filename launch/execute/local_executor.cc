#include "launch/execute/local_executor.h"

#include <signal.h>
#include <string.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "experiments/training/training.pb.h"
#include "launch/execute/attempt.h"
#include "launch/execute/gpu_leases.h"
#include "launch/execute/job_attempts.h"
#include "launch/execute/signal_watch.h"
#include "launch/plan/equal_failures.h"
#include "launch/plan/plan.h"
#include "launch/plan/schedule.h"
#include "launch/store/cancel.h"
#include "launch/store/lease.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {
namespace {

constexpr std::chrono::milliseconds kTick{100};

// Between two looks at GPUs that other launchers have: a look takes leases.
constexpr std::chrono::milliseconds kGpuPause{1000};

class Executor {
 public:
  Executor(const ExecutorOptions& options, const Store& store, Plan* plan,
           ExecutionObserver* observer)
      : options_(options),
        store_(store),
        plan_(*plan),
        observer_(*observer),
        room_(options.resources, options.jobs),
        gpus_(store, options.resources.gpus, HostName()) {
    execution_.ends.resize(plan_.jobs.size());
    elsewhere_.resize(plan_.jobs.size());
    again_.resize(plan_.jobs.size());
    held_.resize(plan_.jobs.size());
    attempts_before_ = options.attempts_before;
    if (attempts_before_.empty()) {
      for (const Job& job : plan_.jobs) {
        attempts_before_.push_back(job.wanted ? LastAttempt(job) : 0);
      }
    }
  }

  Execution Run() {
    SignalWatch signals;
    while (true) {
      const SteadyTime now = std::chrono::steady_clock::now();
      CollectEnded(now);
      const bool waiting = MayStart() && StartReady(now);
      observer_.OnTick(now);
      if (running_.empty() && (!waiting || MayLeave(now))) {
        break;
      }
      if (const int number = signals.Wait(kTick); number == SIGTSTP) {
        Suspend(&signals);
      } else if (number != 0) {
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
    bool was_suspended = false;
  };

  // Attempts of a job that were to be followed by another.
  struct Again {
    int tries = 0;
    SteadyTime not_before;
  };

  bool MayStart() const {
    return execution_.signal == 0 && execution_.launcher_error.ok();
  }

  // Whether others have all that is open.
  bool MayLeave(SteadyTime now) {
    if (!options_.leave_after.has_value() || !all_held_) {
      all_held_since_.reset();
      return false;
    }
    if (!all_held_since_.has_value()) all_held_since_ = now;
    return now - *all_held_since_ >= *options_.leave_after;
  }

  void End(int job, JobEnd end) {
    execution_.ends[job] = std::move(end);
    observer_.OnEnd(job, execution_.ends[job]);
  }

  void Interrupt(int number) {
    if (execution_.signal != 0) {
      if (!options_.second_signal_kills) return;
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

  void Suspend(SignalWatch* signals) {
    observer_.OnSuspend();
    for (Running& running : running_) {
      running.was_suspended = true;
      running.attempt->Pause();
    }
    signals->Suspend();
    for (Running& running : running_) running.attempt->Continue();
  }

  // Whether another attempt follows the one that ended because memory ran out
  // while `at_once` jobs ran, and then with fewer beside it.
  bool ComesAgainWithMoreMemory(const Running& ended, int at_once) {
    const Outcome& outcome = ended.attempt->outcome();
    // The memory of its own GPUs does not grow with fewer jobs.
    const bool of_gpu = NeedOf(plan_.jobs[ended.job]).gpus > 0 &&
                        outcome.exit_code() == ExitCode::MEMORY;
    if (!outcome.out_of_memory() || !MayStart()) return false;
    std::string how;
    if (!of_gpu && at_once > 1) {
      most_at_once_ = std::min(most_at_once_, at_once / 2);
      room_.LimitJobs(most_at_once_);
      how = absl::StrCat("from now on at most ", most_at_once_, " at a time");
    } else if (MayRecompute(ended.attempt->plan())) {
      how =
          "once more with activation checkpointing, which gives the same bits";
    } else {
      return false;
    }
    attempts_before_[ended.job] = LastAttempt(plan_.jobs[ended.job]);
    observer_.OnAgain(ended.job, absl::StrCat(outcome.cause(), "; ", how));
    return true;
  }

  // Whether another attempt follows the one that ended while `at_once` jobs
  // ran.
  bool ComesAgain(const Running& ended, int at_once, SteadyTime now) {
    if (ComesAgainWithMoreMemory(ended, at_once)) return true;
    const Outcome& outcome = ended.attempt->outcome();
    const bool temporary =
        outcome.exit_code() == ExitCode::TRY_AGAIN ||
        ended.attempt->taken_over() ||
        (outcome.exit_code() == ExitCode::PEER_LOST && ended.was_suspended);
    Again& again = again_[ended.job];
    // It has come further, so it may come as often as it is told to stop.
    if (outcome.exit_code() == ExitCode::CHECKPOINTED && MayStart()) {
      again.not_before = now;
      attempts_before_[ended.job] = LastAttempt(plan_.jobs[ended.job]);
      observer_.OnAgain(ended.job, outcome.cause());
      return true;
    }
    if (!temporary || !MayStart() || ++again.tries >= kMostTries) return false;
    again.not_before = now + again.tries * options_.again_after;
    attempts_before_[ended.job] = LastAttempt(plan_.jobs[ended.job]);
    observer_.OnAgain(ended.job, outcome.cause());
    return true;
  }

  void Release(Running* running) {
    running->attempt.reset();
    room_.Leave(running->job);
    gpus_.Give(running->job);
  }

  void CollectEnded(SteadyTime now) {
    const int at_once = room_.jobs();
    for (Running& running : running_) {
      Attempt& attempt = *running.attempt;
      if (!attempt.Poll(now)) {
        continue;
      }
      if (ComesAgain(running, at_once, now)) {
        Release(&running);
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
        if (attempt.outcome().out_of_memory() && at_once < 2) {
          end.cause += "; it ran alone, so fewer jobs at a time do not help";
        }
        end.log = attempt.LogPath();
      }
      Release(&running);
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
    return room_.Fits(NeedOf(job));
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
    all_held_ = true;
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
      if (std::string never = WhyNever(NeedOf(job), options_.resources);
          !never.empty()) {
        JobEnd end;
        end.kind = JobEnd::kFailed;
        end.cause = std::move(never);
        End(index, std::move(end));
        continue;
      }
      if (ready && now >= again_[index].not_before && HasRoomFor(job) &&
          now >= held_[index].look_again) {
        held_[index].held = false;
        TryStart(index, now);
        if (!MayStart()) return false;
      }
      const bool open =
          execution_.ends[index].kind == JobEnd::kOpen && !IsRunning(index);
      left = left || open;
      all_held_ = all_held_ && (!open || (ready && held_[index].held));
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
    const Job& job = plan_.jobs[index];
    const Need need = NeedOf(job);
    std::vector<int> gpus;
    if (need.gpus > 0) {
      if (now < gpus_not_before_ && need.gpus >= refused_gpus_) return;
      // Others look at the GPUs too, so they are not taken in vain.
      if (elsewhere_[index] && IsLeaseHeld(job.dir)) return;
      absl::StatusOr<std::vector<int>> taken =
          gpus_.Take(index, room_.FreeGpus(need), need.gpus);
      if (absl::IsUnavailable(taken.status())) {
        if (!wait_is_told_) observer_.OnWait(index, taken.status().message());
        wait_is_told_ = true;
        refused_gpus_ = now < gpus_not_before_
                            ? std::min(refused_gpus_, need.gpus)
                            : need.gpus;
        gpus_not_before_ = now + kGpuPause;
        return;
      }
      if (!taken.ok()) return FailToStart(index, taken.status());
      gpus = *std::move(taken);
    }
    StartOn(index, need, gpus, now);
    if (IsRunning(index)) {
      room_.Enter(index, need, std::move(gpus));
    } else {
      gpus_.Give(index);
    }
  }

  void StartOn(int index, const Need& need, const std::vector<int>& gpus,
               SteadyTime now) {
    const Job& job = plan_.jobs[index];
    if (absl::Status made = MakeDirs(job.dir); !made.ok()) {
      return FailToStart(index, std::move(made));
    }
    absl::StatusOr<std::unique_ptr<Lease>> lease = Lease::TryTake(job.dir);
    if (absl::IsUnavailable(lease.status())) {
      held_[index] = {true, now + options_.look_every};
      if (!elsewhere_[index]) {
        elsewhere_[index] = true;
        observer_.OnElsewhere(index, LeaseHolder(job.dir));
      }
      return;
    }
    if (!lease.ok()) {
      return FailToStart(index, lease.status());
    }
    if (std::optional<JobEnd> ended =
            EndedElsewhere(plan_.code, job, attempts_before_[index]);
        ended.has_value()) {
      return End(index, *std::move(ended));
    }
    if (std::string cancelled = CancelText(job.dir); !cancelled.empty()) {
      JobEnd end;
      end.kind = JobEnd::kInterrupted;
      end.cause = std::move(cancelled);
      return End(index, std::move(end));
    }
    if (options_.check_worker != nullptr) {
      if (absl::Status checked = options_.check_worker(); !checked.ok()) {
        return FailToStart(index, std::move(checked));
      }
    }
    absl::StatusOr<AttemptSpec> described = options_.describe != nullptr
                                                ? options_.describe(index)
                                                : DescribeAttempt(plan_, index);
    if (!described.ok()) return FailToStart(index, described.status());
    AttemptSpec& spec = *described;
    spec.worker = options_.worker;
    spec.start_ranks = options_.start_ranks;
    spec.plan.set_store(store_.root());
    if (MayRecompute(spec.plan) && RanOutOfMemory(job.dir)) {
      spec.plan.mutable_train()
          ->mutable_run()
          ->mutable_training()
          ->set_activations(TrainingSpec::RECOMPUTE);
    }
    for (size_t i = 0; i < gpus.size() / spec.nodes; ++i) {
      spec.plan.add_gpu(options_.resources.gpus[gpus[i]].name);
    }
    if (spec.plan.has_synthesis()) {
      spec.plan.set_threads(
          std::min(need.processors, options_.resources.processors));
    }
    spec.out_of_memory_kills = options_.out_of_memory_kills;
    spec.provenance = options_.provenance;
    spec.provenance.set_job(job.name);
    absl::StatusOr<std::unique_ptr<Attempt>> attempt =
        Attempt::Start(*std::move(described), *std::move(lease));
    if (!attempt.ok()) {
      return FailToStart(index, attempt.status());
    }
    observer_.OnStart(index, (*attempt)->directory());
    running_.push_back({index, now, *std::move(attempt), false});
  }

  const ExecutorOptions& options_;
  const Store& store_;
  Plan& plan_;
  ExecutionObserver& observer_;
  Room room_;
  GpuLeases gpus_;
  int most_at_once_ = std::numeric_limits<int>::max();
  bool wait_is_told_ = false;
  // So many GPUs and more were refused; they are asked for again then.
  int refused_gpus_ = 0;
  SteadyTime gpus_not_before_;
  std::vector<Running> running_;
  // What another launcher had when it was looked at last.
  struct Held {
    bool held = false;
    SteadyTime look_again;
  };
  std::vector<Held> held_;
  bool all_held_ = false;
  std::optional<SteadyTime> all_held_since_;
  std::vector<bool> elsewhere_;
  std::vector<int> attempts_before_;
  std::vector<Again> again_;
  Execution execution_;
};

}  // namespace

Execution ExecuteLocally(const ExecutorOptions& options, const Store& store,
                         Plan* plan, ExecutionObserver* observer) {
  return Executor(options, store, plan, observer).Run();
}

}  // namespace transect
