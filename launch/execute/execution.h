/// \file
/// What every executor says while it brings the wanted jobs of a plan to their
/// ends, and what it returns.
#ifndef TRANSECT_LAUNCH_EXECUTE_EXECUTION_H_
#define TRANSECT_LAUNCH_EXECUTE_EXECUTION_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace transect {

using SteadyTime = std::chrono::steady_clock::time_point;

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

/// Whether the job is done.
inline bool IsDone(const JobEnd& end) {
  return end.kind == JobEnd::kDone || end.kind == JobEnd::kDoneElse;
}

/// Hears of everything that happens, in order, in the executor's thread. `job`
/// is an index into Plan::jobs.
class ExecutionObserver {
 public:
  virtual ~ExecutionObserver() = default;
  virtual void OnStart(int job, absl::string_view attempt_dir) = 0;
  virtual void OnElsewhere(int job, absl::string_view holder) = 0;
  /// The job waits for what other launchers have, or for machines; told once
  /// for all jobs and each reason.
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

struct Execution {
  /// By index of the job; kOpen for jobs that were not wanted.
  std::vector<JobEnd> ends;
  /// SIGINT, SIGTERM or SIGHUP if one ended the execution, else 0.
  int signal = 0;
  /// Set if the store could not be written or a process not started; nothing
  /// more was started after that.
  absl::Status launcher_error;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EXECUTE_EXECUTION_H_
