// Runs the wanted jobs of a plan as processes on this machine.
//
// Inputs come before what needs them; otherwise jobs start in the order of the
// plan as processors become free. The loop has one thread, the caller's, which
// must live as long as the process: ranks die with it.
//
// Any number of executors may work on one store. A job whose lease somebody
// else holds is waited for and looked at again when the lease is free: done,
// failed there, or abandoned, and then this executor takes it up.
#ifndef TRANSECT_LAUNCH_EXECUTE_LOCAL_EXECUTOR_H_
#define TRANSECT_LAUNCH_EXECUTE_LOCAL_EXECUTOR_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "launch/execute/attempt.h"
#include "launch/plan/plan.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"

namespace transect {

// How a wanted job ended.
struct JobEnd {
  enum Kind {
    kOpen,        // not ended: waiting, running, or never started
    kDone,        // made by this executor
    kDoneElse,    // made by somebody else meanwhile
    kFailed,      // `cause` and `log` say why
    kBlocked,     // something that it needs failed: `cause`
    kInterrupted  // stopped from outside
  };
  Kind kind = kOpen;
  std::string cause;
  // Log of the rank that explains a failure; empty where nothing was started.
  std::string log;
  // Wall time of the attempt in seconds; kDone only.
  double seconds = 0;
};

// Told of everything that happens, in order, from the executor's thread. `job`
// is an index into Plan::jobs.
class ExecutionObserver {
 public:
  virtual ~ExecutionObserver() = default;
  virtual void OnStart(int job, absl::string_view attempt_dir) = 0;
  virtual void OnElsewhere(int job, absl::string_view holder) = 0;
  virtual void OnEnd(int job, const JobEnd& end) = 0;
  // A signal arrived and the ranks are being stopped.
  virtual void OnInterrupt(int signal_number) = 0;
  // About ten times a second.
  virtual void OnTick(SteadyTime now) = 0;
};

struct ExecutorOptions {
  // Absolute path of the worker.
  std::string worker;
  // Most jobs at a time; 0: as many as have a processor for each thread of
  // each rank, at least one.
  int jobs = 0;
  // Processors of this machine.
  int processors = 1;
  // Written with each attempt; the time is filled in.
  Provenance provenance;
};

struct Execution {
  // By index of the job; kOpen for jobs that were not wanted.
  std::vector<JobEnd> ends;
  // SIGINT, SIGTERM or SIGHUP if one ended it, else 0.
  int signal = 0;
  // The store could not be written or a process not started: nothing more was
  // started after that. OK else.
  absl::Status launcher_error;
};

// Runs until every wanted job of `plan` ended or a signal came. On a signal the
// ranks get SIGTERM, SIGKILL after kStopGrace or at the second signal, and all
// are gone when this returns. States of jobs in `plan` are brought up to date.
Execution ExecuteLocally(const ExecutorOptions& options, const Store& store,
                         Plan* plan, ExecutionObserver* observer);

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EXECUTE_LOCAL_EXECUTOR_H_
