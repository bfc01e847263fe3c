/// \file
/// Records the speed of jobs while an executor runs them.
#ifndef TRANSECT_LAUNCH_EXECUTE_THROUGHPUT_RECORDER_H_
#define TRANSECT_LAUNCH_EXECUTE_THROUGHPUT_RECORDER_H_

#include <map>
#include <memory>

#include "absl/strings/string_view.h"
#include "launch/execute/execution.h"
#include "launch/plan/plan.h"
#include "launch/store/store.h"
#include "launch/store/throughput.h"
#include "metrics/log_reader.h"

namespace transect {

/// Passes every event on to `next`, and records in the store a probe from the
/// second TrainStep record of each training (the first includes the warm-up),
/// and what each training that ends has measured of its steps and evaluation.
/// Errors of recording are ignored: a measurement is not worth a failed run.
/// All arguments must outlive the recorder.
class ThroughputRecorder : public ExecutionObserver {
 public:
  ThroughputRecorder(const Plan& plan, const Store& store,
                     const Machine& machine, ExecutionObserver* next)
      : plan_(plan), store_(store), machine_(machine), next_(*next) {}

  void OnStart(int job, absl::string_view attempt_dir) override;
  void OnElsewhere(int job, absl::string_view holder) override;
  void OnWait(int job, absl::string_view why) override;
  void OnAgain(int job, absl::string_view why) override;
  void OnEnd(int job, const JobEnd& end) override;
  void OnInterrupt(int signal_number) override;
  void OnSuspend() override;
  void OnTick(SteadyTime now) override;

 private:
  struct Probe {
    std::unique_ptr<MetricLogTail> tail;
    int records = 0;
  };

  const Plan& plan_;
  const Store& store_;
  const Machine& machine_;
  ExecutionObserver& next_;
  // Attempts that were started, by job.
  std::map<int, int> attempts_;
  // Of running jobs without a probe yet.
  std::map<int, Probe> probes_;
  SteadyTime last_poll_;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_EXECUTE_THROUGHPUT_RECORDER_H_
