/// \file
/// Runs the wanted jobs of a plan as processes on this machine.
///
/// Inputs come before the jobs that need them; otherwise jobs start in the
/// order of the plan as processors, memory and GPUs become free
/// (launch/plan/schedule.h). A job that takes GPUs has them for itself: the
/// launch plan names them, and its ranks see no others. The loop runs in the
/// caller's thread, which must live as long as the process: ranks die with it.
///
/// Any number of executors may work on one store. If another one holds the
/// lease of a job, this one waits and looks at the job again when the lease is
/// free: it is then done, failed, or abandoned, and an abandoned job is taken
/// up here.
#ifndef TRANSECT_LAUNCH_EXECUTE_LOCAL_EXECUTOR_H_
#define TRANSECT_LAUNCH_EXECUTE_LOCAL_EXECUTOR_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "launch/execute/attempt.h"
#include "launch/inputs/resources.h"
#include "launch/plan/plan.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {

/// How a wanted job ended.
struct JobEnd {
  enum Kind {
    /// Not ended: waiting, running, or never started.
    kOpen,
    /// Done by this executor.
    kDone,
    /// Done by another executor in the meantime.
    kDoneElse,
    /// `cause` and `log` say why.
    kFailed,
    /// A job that it needs failed: `cause`.
    kBlocked,
    /// Stopped from outside.
    kInterrupted,
  };
  Kind kind = kOpen;
  std::string cause;
  /// Log of the rank that explains a failure; empty if nothing was started.
  std::string log;
  /// Wall time of the attempt in seconds; kDone only.
  double seconds = 0;
};

/// Hears of everything that happens, in order, in the executor's thread. `job`
/// is an index into Plan::jobs.
class ExecutionObserver {
 public:
  virtual ~ExecutionObserver() = default;
  virtual void OnStart(int job, absl::string_view attempt_dir) = 0;
  virtual void OnElsewhere(int job, absl::string_view holder) = 0;
  /// The job waits for what other launchers have; told once for all jobs.
  virtual void OnWait(int /*job*/, absl::string_view /*why*/) {}
  /// The attempt ended, and not for a reason of the job's own: it is started
  /// once more.
  virtual void OnAgain(int /*job*/, absl::string_view /*why*/) {}
  virtual void OnEnd(int job, const JobEnd& end) = 0;
  /// A signal arrived and the ranks are being stopped.
  virtual void OnInterrupt(int signal_number) = 0;
  /// This process and the ranks are about to be stopped by Ctrl-Z.
  virtual void OnSuspend() {}
  /// About ten times a second.
  virtual void OnTick(SteadyTime now) = 0;
};

struct ExecutorOptions {
  /// Absolute path of the worker.
  std::string worker;
  /// Called before each attempt: whether the worker and its libraries still
  /// are what the code part says (CheckBundle, launch/store/bundle.h). May be
  /// empty.
  std::function<absl::Status()> check_worker;
  /// Most jobs at a time, whatever their processors; 0 for as many as there are
  /// processors for, but at least one. Memory and GPUs limit them in any case.
  int jobs = 0;
  /// What jobs may take together.
  Resources resources;
  /// OutOfMemoryKills (launch/inputs/limits.h) if empty.
  std::function<int64_t()> out_of_memory_kills;
  /// Before the second attempt after TRY_AGAIN; twice as long before the third.
  std::chrono::milliseconds again_after = std::chrono::seconds(2);
  /// Written with each attempt; the time is filled in.
  Provenance provenance;
};

struct Execution {
  /// By index of the job; kOpen for jobs that were not wanted.
  std::vector<JobEnd> ends;
  /// SIGINT, SIGTERM or SIGHUP if one ended the execution, else 0.
  int signal = 0;
  /// Set if the store could not be written or a process not started; nothing
  /// more was started after that.
  absl::Status launcher_error;
};

/// Most attempts of a job that ends with TRY_AGAIN.
inline constexpr int kMostTries = 3;

/// Runs until every wanted job of `plan` ended or a signal came. On a signal
/// the ranks get SIGTERM, then SIGKILL after kInterruptGrace or at the second
/// signal; all are gone when this returns. SIGTSTP stops the ranks and then
/// this process, and SIGCONT continues both. Updates the states of jobs in
/// `plan`.
///
/// If memory runs out (Outcome.out_of_memory) while several jobs run, only half
/// as many run from then on, and the job is started once more; one that ran
/// alone failed. So does one that ran out of the memory of its own GPUs.
///
/// An attempt that ends with CHECKPOINTED is followed by another, which goes on
/// from there. One that ends with TRY_AGAIN is, at most kMostTries in all; so
/// is one that lost its peers after it was suspended, since time-outs go on
/// while processes are stopped.
Execution ExecuteLocally(const ExecutorOptions& options, const Store& store,
                         Plan* plan, ExecutionObserver* observer);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EXECUTE_LOCAL_EXECUTOR_H_
