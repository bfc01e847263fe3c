#include "launch/slurm/slurm_executor.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "launch/execute/job_attempts.h"
#include "launch/execute/local_executor.h"
#include "launch/execute/process.h"
#include "launch/execute/signal_watch.h"
#include "launch/slurm/command.h"
#include "launch/slurm/queue.h"
#include "launch/slurm/script.h"
#include "launch/store/lease.h"
#include "third_party/absl_polyfill/status_macros.h"

namespace transect {
namespace {

constexpr std::chrono::milliseconds kTick{100};
// Between two looks at the files of jobs.
constexpr std::chrono::seconds kLookEvery{1};

std::vector<int> WantedRuns(const Plan& plan) {
  std::vector<int> runs;
  for (int i = plan.first_run; i < static_cast<int>(plan.jobs.size()); ++i) {
    if (plan.jobs[i].wanted) runs.push_back(i);
  }
  return runs;
}

// Names under which jobs of `runs` may be in the queue.
absl::StatusOr<std::vector<std::string>> NamesOf(const Plan& plan,
                                                 const Store& store,
                                                 const std::vector<int>& runs,
                                                 const SlurmSite& site) {
  std::map<Allocation, std::vector<int>> groups;
  for (const int run : runs) {
    TRANSECT_ASSIGN_OR_RETURN(const Allocation allocation,
                              AllocationOf(plan.jobs[run], site));
    groups[allocation].push_back(run);
  }
  std::set<std::string> names;
  for (const auto& [allocation, members] : groups) {
    names.insert(ArrayName(plan, store, allocation));
    if (members.size() >= kArrayFrom) continue;
    for (const int run : members) {
      names.insert(SingleName(plan.jobs[run].id));
    }
  }
  return std::vector<std::string>(names.begin(), names.end());
}

// A job that has or will have a run.
struct LiveJob {
  const QueuedJob* job;
  // SweepJob.last_attempt of the run: it tries no run again that failed since.
  int last_attempt;
};

// Runs of a job by its comment: ids, each with its last attempt before it.
using Runs = std::vector<std::pair<std::string, int>>;
using RunsByComment = std::map<std::string, Runs>;

// What Slurm has for the runs of a plan.
class Coverage {
 public:
  // `known` keeps what was read: records of sweeps do not change.
  Coverage(const Store& store, const Plan& plan,
           const std::vector<QueuedJob>& queue, RunsByComment* known)
      : known_(*known) {
    for (const QueuedJob& job : queue) {
      const JobComment comment = ParseComment(job.comment);
      for (const auto& [id, last_attempt] : RunsOf(store, plan, comment)) {
        if (MayWork(job.phase)) {
          live_.emplace(id, LiveJob{&job, last_attempt});
        } else if (job.phase == QueuePhase::kCancelled) {
          cancelled_.insert(id);
        }
      }
    }
  }

  // Null if there is none.
  const LiveJob* Live(const std::string& id) const {
    const auto found = live_.find(id);
    return found == live_.end() ? nullptr : &found->second;
  }
  bool Cancelled(const std::string& id) const {
    return cancelled_.contains(id);
  }

 private:
  // What the job of that comment works on, in this store and under this code.
  Runs RunsOf(const Store& store, const Plan& plan, const JobComment& comment) {
    const std::string text = CommentText(comment);
    if (const auto found = known_.find(text); found != known_.end()) {
      return found->second;
    }
    Runs runs;
    const absl::StatusOr<Sweep> sweep = ReadSweep(store, comment.sweep);
    if (!sweep.ok() || sweep->code() != plan.code || comment.group < 0 ||
        comment.group >= sweep->group_size()) {
      return runs;
    }
    for (const int run : sweep->group(comment.group).run()) {
      const SweepJob& job = sweep->job(run);
      if (comment.run.empty() || comment.run == job.id()) {
        runs.emplace_back(job.id(), job.last_attempt());
      }
    }
    return known_[text] = std::move(runs);
  }

  RunsByComment& known_;
  std::map<std::string, LiveJob> live_;
  std::set<std::string> cancelled_;
};

absl::StatusOr<Submission> SubmitRuns(const SlurmOptions& options,
                                      const Store& store, const Plan& plan,
                                      const std::vector<int>& runs) {
  Submission submission;
  if (runs.empty()) return submission;
  TRANSECT_ASSIGN_OR_RETURN(const Sweep sweep,
                            MakeSweep(plan, store, runs, options.parts));
  submission.sweep = sweep.name();
  TRANSECT_RETURN_IF_ERROR(WriteSweep(store, sweep));
  for (int group = 0; group < sweep.group_size(); ++group) {
    for (const std::vector<std::string>& command :
         SubmitCommands(store, sweep, group)) {
      TRANSECT_ASSIGN_OR_RETURN(const std::string number, RunCommand(command));
      submission.numbers.emplace_back(absl::StripAsciiWhitespace(number));
    }
  }
  return submission;
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
        jobs_(plan->jobs.size()) {
    execution_.ends.resize(plan_.jobs.size());
    for (size_t i = 0; i < plan_.jobs.size(); ++i) {
      if (!plan_.jobs[i].wanted) continue;
      jobs_[i].before = LastAttempt(plan_.jobs[i]);
      jobs_[i].seen = jobs_[i].before;
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
        AskSlurm();
        // From its end: a controller that is away takes its time.
        ask_at_ =
            std::chrono::steady_clock::now() +
            std::chrono::seconds(options_.parts.site.slurm().poll_seconds());
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
    // Submissions since the last new attempt.
    int tries = 0;
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

  void LookAtFiles() {
    for (int i = 0; i < static_cast<int>(jobs_.size()); ++i) {
      if (!IsOpen(i)) continue;
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
        End(i, *std::move(end));
        continue;
      }
      for (const int need : job.needs) {
        const JobEnd::Kind kind = execution_.ends[need].kind;
        if (kind != JobEnd::kFailed && kind != JobEnd::kBlocked) continue;
        JobEnd blocked;
        blocked.kind = JobEnd::kBlocked;
        blocked.cause = absl::StrCat("needs ", plan_.jobs[need].name,
                                     ", which could not be made");
        End(i, std::move(blocked));
        break;
      }
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

  void AskSlurm() {
    std::vector<int> runs;
    for (const int run : WantedRuns(plan_)) {
      if (IsOpen(run)) runs.push_back(run);
    }
    if (runs.empty()) return;
    const absl::StatusOr<std::vector<std::string>> names =
        NamesOf(plan_, store_, runs, options_.parts.site.slurm());
    if (!names.ok()) {
      execution_.launcher_error = names.status();
      return;
    }
    const absl::StatusOr<std::vector<QueuedJob>> queue = AskQueue(*names);
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
    asked_ = true;
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
    SubmitMissing(missing, already, first);
  }

  bool FailedSince(int run, int last_attempt) const {
    const std::optional<JobEnd> end =
        EndedElsewhere(plan_.code, plan_.jobs[run], last_attempt);
    return end.has_value() && end->kind == JobEnd::kFailed;
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
    JobEnd end;
    if (!first && coverage.Cancelled(job.id)) {
      end.kind = JobEnd::kFailed;
      end.cause =
          "somebody cancelled its job in Slurm; the same command submits it "
          "again";
      End(run, std::move(end));
      return false;
    }
    if (jobs_[run].tries >= kMostTries) {
      end.kind = JobEnd::kFailed;
      end.cause = absl::StrCat(
          "Slurm ended ", kMostTries,
          " jobs for it, and none made an attempt; the logs of the jobs say "
          "why: ",
          SlotLogPattern(store_.SweepDir(sweep_)));
      End(run, std::move(end));
      return false;
    }
    return true;
  }

  void SubmitMissing(const std::vector<int>& missing, int already, bool first) {
    for (const int run : missing) {
      ++jobs_[run].tries;
      jobs_[run].missing = 0;
      if (!first) {
        observer_.OnAgain(run,
                          "no job in Slurm has it any more; submitted "
                          "again");
      }
    }
    absl::StatusOr<Submission> submitted =
        SubmitRuns(options_, store_, plan_, missing);
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

absl::StatusOr<std::string> DryRunText(const SlurmOptions& options,
                                       const Store& store, const Plan& plan) {
  const std::vector<int> runs = WantedRuns(plan);
  if (runs.empty()) return "nothing to submit\n";
  TRANSECT_ASSIGN_OR_RETURN(const Sweep sweep,
                            MakeSweep(plan, store, runs, options.parts));
  std::string text;
  for (int group = 0; group < sweep.group_size(); ++group) {
    absl::StrAppend(&text, "# ",
                    SweepScriptPath(store.SweepDir(sweep.name()), group), "\n",
                    ScriptText(store, sweep, group), "\n");
  }
  for (int group = 0; group < sweep.group_size(); ++group) {
    for (const std::vector<std::string>& command :
         SubmitCommands(store, sweep, group)) {
      absl::StrAppend(&text, ShellQuoted(command), "\n");
    }
  }
  return text;
}

}  // namespace transect
