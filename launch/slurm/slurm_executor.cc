#include "launch/slurm/slurm_executor.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "launch/execute/job_attempts.h"
#include "launch/execute/local_executor.h"
#include "launch/execute/signal_watch.h"
#include "launch/ledger/ledger.h"
#include "launch/ledger/memory_kill.h"
#include "launch/ledger/queued_job.h"
#include "launch/slurm/coverage.h"
#include "launch/slurm/queue.h"
#include "launch/slurm/submit.h"
#include "launch/slurm/sweep.h"
#include "launch/store/cancel.h"
#include "launch/store/lease.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr std::chrono::milliseconds kTick{100};
// Between two looks at the files of jobs.
constexpr std::chrono::seconds kLookEvery{1};
// While another launcher asks and submits.
constexpr std::chrono::seconds kTurnEvery{1};

// Name of the newest checkpoint of a job; "" without any.
std::string Furthest(const Job& job) {
  std::string furthest;
  for (const int attempt : Attempts(job.dir)) {
    const absl::StatusOr<std::vector<std::string>> names =
        ListDirectory(CheckpointsDir(AttemptDir(job.dir, attempt)));
    if (names.ok() && !names->empty()) {
      furthest = std::max(furthest, names->back());
    }
  }
  return furthest;
}

LedgerStart StartOf(const Plan& plan) {
  LedgerStart start;
  start.set_kind(LedgerStart::SUBMITTER);
  start.set_experiment(plan.expansion.name);
  start.set_code(plan.code);
  return start;
}

class Follower {
 public:
  Follower(const SlurmOptions& options, const Store& store, Plan* plan,
           ExecutionObserver* observer,
           const std::function<void(const Submission&)>& on_submitted)
      : options_(options),
        store_(store),
        plan_(*plan),
        observer_(*observer),
        on_submitted_(on_submitted),
        jobs_(plan->jobs.size()),
        ledger_(store, StartOf(*plan)),
        tail_(store, plan->expansion.name) {
    execution_.ends.resize(plan_.jobs.size());
    for (size_t i = 0; i < plan_.jobs.size(); ++i) {
      if (!plan_.jobs[i].wanted) continue;
      jobs_[i].before = LastAttempt(plan_.jobs[i]);
      jobs_[i].seen = jobs_[i].before;
      by_id_[plan_.jobs[i].id].push_back(static_cast<int>(i));
    }
  }

  Execution Run() {
    SignalWatch signals;
    // The jobs of Slurm are submitted by the first look at the queue.
    while (AnyOpen() && execution_.signal == 0 &&
           execution_.launcher_error.ok()) {
      const SteadyTime now = std::chrono::steady_clock::now();
      if (now >= look_at_) {
        look_at_ = now + kLookEvery;
        LookAtFiles();
      }
      if (now >= ask_at_) {
        const bool had_turn = AskInTurn();
        // From its end: a controller that is away takes its time.
        ask_at_ = std::chrono::steady_clock::now() +
                  (had_turn ? std::chrono::seconds(
                                  options_.parts.site.slurm().poll_seconds())
                            : kTurnEvery);
        if (!options_.wait && asked_) break;
      }
      observer_.OnTick(now);
      if (const int number = signals.Wait(kTick); number == SIGTSTP) {
        observer_.OnSuspend();
        signals.Suspend();
      } else if (number != 0) {
        execution_.signal = number;
      }
    }
    for (Job& job : plan_.jobs) {
      if (job.wanted) RefreshState(store_, plan_.code, &job);
    }
    return std::move(execution_);
  }

 private:
  struct Followed {
    // Attempts that are older than this launcher; the newest that was seen.
    int before = 0;
    int seen = 0;
    // Questions to Slurm in a row in which it had none for the run.
    int missing = 0;
    // Submissions since the last new attempt, and since the last new
    // checkpoint, which is `furthest`.
    int tries = 0;
    int fruitless = 0;
    std::string furthest;
    // FailedSince, and for which attempts it was looked up.
    std::optional<std::pair<int, int>> looked_up;
    bool failed_since = false;
    std::string told;
  };

  bool IsOpen(int job) const {
    return plan_.jobs[job].wanted && execution_.ends[job].kind == JobEnd::kOpen;
  }

  bool AnyOpen() const {
    for (size_t i = 0; i < jobs_.size(); ++i) {
      if (IsOpen(static_cast<int>(i))) return true;
    }
    return false;
  }

  void End(int job, JobEnd end) {
    execution_.ends[job] = std::move(end);
    observer_.OnEnd(job, execution_.ends[job]);
  }

  // Looks at what the ledgers tell about, and at some of the others in turn.
  void LookAtFiles() {
    std::set<int> chosen;
    for (const std::string& id : tail_.Poll()) {
      const auto found = by_id_.find(id);
      if (found == by_id_.end()) continue;
      chosen.insert(found->second.begin(), found->second.end());
    }
    const int count = static_cast<int>(jobs_.size());
    for (int i = 0; i < std::min(count, kLooks); ++i) {
      chosen.insert(next_look_++ % count);
    }
    for (const int job : chosen) {
      if (IsOpen(job)) LookAt(job);
    }
    // Those that wait for what failed.
    for (int i = 0; i < count; ++i) {
      if (IsOpen(i)) BlockByNeeds(i);
    }
  }

  void LookAt(int i) {
    const Job& job = plan_.jobs[i];
    Followed& followed = jobs_[i];
    const int last = LastAttempt(job);
    const bool held = IsLeaseHeld(job.dir);
    if (last > followed.seen) {
      followed.seen = last;
      followed.tries = 0;
      followed.missing = 0;
      if (held) observer_.OnStart(i, AttemptDir(job.dir, last));
    }
    if (std::optional<JobEnd> end =
            EndedElsewhere(plan_.code, job, followed.before);
        end.has_value() && (!held || end->kind == JobEnd::kDoneElse)) {
      // It ended by the hands of a slot of ours.
      if (end->kind == JobEnd::kDoneElse && last > followed.before) {
        end->kind = JobEnd::kDone;
        end->seconds = SecondsOf(job);
      }
      return End(i, *std::move(end));
    }
    if (std::string why = held ? "" : CancelText(job.dir); !why.empty()) {
      JobEnd end;
      end.kind = JobEnd::kInterrupted;
      end.cause = std::move(why);
      End(i, std::move(end));
    }
  }

  void BlockByNeeds(int i) {
    for (const int need : plan_.jobs[i].needs) {
      const JobEnd::Kind kind = execution_.ends[need].kind;
      if (kind != JobEnd::kFailed && kind != JobEnd::kBlocked) continue;
      JobEnd blocked;
      blocked.kind = JobEnd::kBlocked;
      blocked.cause = absl::StrCat("needs ", plan_.jobs[need].name,
                                   ", which could not be made");
      return End(i, std::move(blocked));
    }
  }

  double SecondsOf(const Job& job) const {
    Job copy = job;
    RefreshState(store_, plan_.code, &copy);
    return copy.result.seconds();
  }

  void Wait(int job, const std::string& why) {
    if (told_ == why) return;
    told_ = why;
    observer_.OnWait(job, why);
  }

  // Asks and submits unless another launcher does just now; returns whether it
  // did.
  bool AskInTurn() {
    absl::StatusOr<std::unique_ptr<Lease>> turn =
        TakeSubmitLease(store_, plan_);
    if (absl::IsUnavailable(turn.status())) return false;
    if (turn.ok()) {
      AskSlurm(**turn);
    } else {
      execution_.launcher_error = turn.status();
    }
    return true;
  }

  // The names under which Slurm may have the runs.
  absl::StatusOr<std::vector<std::string>> NamesToAsk(
      const std::vector<int>& runs) {
    TRANSECT_ASSIGN_OR_RETURN(
        std::vector<std::string> names,
        NamesOf(plan_, store_, runs, options_.parts.site.slurm()));
    if (!asked_) {
      TRANSECT_ASSIGN_OR_RETURN(announced_, ReadAnnounced(store_, plan_, runs));
    }
    std::set<std::string> all(names.begin(), names.end());
    all.insert(announced_.names.begin(), announced_.names.end());
    return std::vector<std::string>(all.begin(), all.end());
  }

  void AskSlurm(const Lease& turn) {
    std::vector<int> runs;
    for (const int run : WantedRuns(plan_)) {
      if (IsOpen(run)) runs.push_back(run);
    }
    if (runs.empty()) return;
    const absl::StatusOr<std::vector<std::string>> names = NamesToAsk(runs);
    if (!names.ok()) {
      execution_.launcher_error = names.status();
      return;
    }
    const absl::StatusOr<std::vector<QueuedJob>> queue =
        AskQueue(*names, options_.command_timeout);
    if (!queue.ok()) {
      if (!asked_) {
        execution_.launcher_error = absl::UnavailableError(absl::StrCat(
            queue.status().message(),
            "; what Slurm has is not known, so nothing was submitted"));
      } else {
        Wait(runs[0], absl::StrCat(queue.status().message(),
                                   "; jobs go on, and it is asked again"));
      }
      return;
    }
    const bool first = !asked_;
    if (first) {
      execution_.launcher_error =
          SettleIntents(announced_.open, *queue, &ledger_);
      if (!execution_.launcher_error.ok()) return;
    }
    asked_ = true;
    for (const int run : WriteMemoryKills(store_, plan_, runs, *queue)) {
      observer_.OnAgain(run, "Slurm killed its job, which ran out of memory");
    }
    const Coverage coverage(store_, plan_, *queue, &known_);
    std::vector<int> missing;
    int already = 0;
    for (const int run : runs) {
      if (const LiveJob* live = coverage.Live(plan_.jobs[run].id);
          live != nullptr && !FailedSince(run, live->last_attempt)) {
        ++already;
        jobs_[run].missing = 0;
        if (live->job->phase != QueuePhase::kRunning &&
            live->job->phase != QueuePhase::kEnding) {
          Wait(run, DescribeQueued(*live->job));
        }
      } else if (IsMissing(run, first, coverage)) {
        missing.push_back(run);
      }
    }
    SubmitMissing(missing, already, first, turn);
  }

  // Looked up again once there is another attempt.
  bool FailedSince(int run, int last_attempt) {
    Followed& followed = jobs_[run];
    const std::pair<int, int> what(last_attempt, followed.seen);
    if (followed.looked_up != what) {
      const std::optional<JobEnd> end =
          EndedElsewhere(plan_.code, plan_.jobs[run], last_attempt);
      followed.failed_since = end.has_value() && end->kind == JobEnd::kFailed;
      followed.looked_up = what;
    }
    return followed.failed_since;
  }

  // Whether the run, which no live job has, is to be submitted.
  bool IsMissing(int run, bool first, const Coverage& coverage) {
    const Job& job = plan_.jobs[run];
    // Somebody works on it without Slurm, or the job that did is not listed any
    // more; files are seen later than the queue, so twice.
    if (IsLeaseHeld(job.dir) || (!first && ++jobs_[run].missing < 2)) {
      if (first && jobs_[run].told.empty()) {
        jobs_[run].told = "elsewhere";
        observer_.OnElsewhere(run, LeaseHolder(job.dir));
      }
      return false;
    }
    LookAt(run);
    if (!IsOpen(run)) return false;
    JobEnd end;
    if (!first && coverage.Cancelled(job.id)) {
      end.kind = JobEnd::kFailed;
      end.cause =
          "somebody cancelled its job in Slurm; the same command submits it "
          "again";
      End(run, std::move(end));
      return false;
    }
    return !IsHopeless(run);
  }

  // Ends a run that was submitted often enough.
  bool IsHopeless(int run) {
    Followed& followed = jobs_[run];
    if (std::string furthest = Furthest(plan_.jobs[run]);
        furthest > followed.furthest) {
      followed.furthest = std::move(furthest);
      followed.fruitless = 0;
    }
    JobEnd end;
    end.kind = JobEnd::kFailed;
    if (followed.tries >= kMostTries) {
      end.cause = absl::StrCat("Slurm ended ", kMostTries,
                               " jobs for it, and none made an attempt");
    } else if (followed.fruitless >= kMostFruitless) {
      end.cause = absl::StrCat("Slurm ended ", kMostFruitless,
                               " jobs for it, and it came no further");
    } else {
      return false;
    }
    absl::StrAppend(&end.cause, "; the logs of the jobs say why: ",
                    SlotLogPattern(store_.SweepDir(sweep_)));
    End(run, std::move(end));
    return true;
  }

  void SubmitMissing(const std::vector<int>& missing, int already, bool first,
                     const Lease& turn) {
    LedgerEvent lost;
    for (const int run : missing) {
      ++jobs_[run].tries;
      ++jobs_[run].fruitless;
      jobs_[run].missing = 0;
      if (first) continue;
      lost.add_run(plan_.jobs[run].id);
      observer_.OnAgain(run,
                        "no job in Slurm has it any more; submitted again");
    }
    absl::Status noted;
    if (lost.run_size() > 0) {
      lost.set_kind(LedgerEvent::LOST);
      lost.set_why("no job in Slurm has it any more");
      noted = ledger_.Append(std::move(lost));
    }
    absl::StatusOr<Submission> submitted =
        noted.ok() ? SubmitRuns(options_.parts, store_, plan_, missing,
                                options_.command_timeout, turn, &ledger_)
                   : noted;
    if (!submitted.ok()) {
      if (first || !absl::IsUnavailable(submitted.status())) {
        execution_.launcher_error = submitted.status();
      } else {
        Wait(missing[0],
             absl::StrCat(submitted.status().message(), "; it is tried again"));
      }
      return;
    }
    submitted->already = already;
    if (!submitted->sweep.empty()) sweep_ = submitted->sweep;
    if (first || !missing.empty()) on_submitted_(*submitted);
  }

  const SlurmOptions& options_;
  const Store& store_;
  Plan& plan_;
  ExecutionObserver& observer_;
  const std::function<void(const Submission&)>& on_submitted_;
  std::vector<Followed> jobs_;
  LedgerWriter ledger_;
  LedgerTail tail_;
  std::map<std::string, std::vector<int>> by_id_;
  int next_look_ = 0;
  Announced announced_;
  SteadyTime look_at_;
  SteadyTime ask_at_;
  // Whether Slurm answered.
  bool asked_ = false;
  RunsByComment known_;
  std::string sweep_;
  std::string told_;
  Execution execution_;
};

}  // namespace

Execution ExecuteBySlurm(
    const SlurmOptions& options, const Store& store, Plan* plan,
    ExecutionObserver* observer,
    const std::function<void(const Submission&)>& on_submitted) {
  return Follower(options, store, plan, observer, on_submitted).Run();
}

}  // namespace transect
