/// \file
/// Runs the wanted jobs of a plan as processes on this machine.
///
/// Inputs come before the jobs that need them; otherwise jobs start in the
/// order of the plan as processors become free. The loop runs in the caller's
/// thread, which must live as long as the process: ranks die with it.
///
/// Any number of executors may work on one store. If another one holds the
/// lease of a job, this one waits and looks at the job again when the lease is
/// free: it is then done, failed, or abandoned, and an abandoned job is taken
/// up here.
#ifndef TRANSECT_LAUNCH_EXECUTE_LOCAL_EXECUTOR_H_
#define TRANSECT_LAUNCH_EXECUTE_LOCAL_EXECUTOR_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "launch/execute/attempt.h"
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
  virtual void OnEnd(int job, const JobEnd& end) = 0;
  /// A signal arrived and the ranks are being stopped.
  virtual void OnInterrupt(int signal_number) = 0;
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
  /// Most jobs at a time; 0 for as many as have a processor for each thread of
  /// each rank, but at least one.
  int jobs = 0;
  /// Processors of this machine.
  int processors = 1;
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

/// Runs until every wanted job of `plan` ended or a signal came. On a signal
/// the ranks get SIGTERM, then SIGKILL after kStopGrace or at the second
/// signal; all are gone when this returns. Updates the states of jobs in
/// `plan`.
Execution ExecuteLocally(const ExecutorOptions& options, const Store& store,
                         Plan* plan, ExecutionObserver* observer);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EXECUTE_LOCAL_EXECUTOR_H_
