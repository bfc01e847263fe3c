/// \file
/// Writes the ledger of a launcher that runs attempts.
#ifndef TRANSECT_LAUNCH_LEDGER_LEDGER_OBSERVER_H_
#define TRANSECT_LAUNCH_LEDGER_LEDGER_OBSERVER_H_

#include <functional>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "launch/execute/execution.h"
#include "launch/ledger/ledger.h"
#include "launch/plan/plan.h"

namespace transect {

/// Passes every event on to `next`, and writes down which attempts began and
/// how they ended. A ledger that cannot be written stops no run: `tell` hears
/// of it, once. All arguments must outlive the observer.
class LedgerObserver : public ExecutionObserver {
 public:
  /// `requeues` says whether Slurm is asked for another go of the runs that
  /// this launcher is told to stop.
  LedgerObserver(const Plan& plan, LedgerWriter* writer, bool requeues,
                 std::function<void(const absl::Status&)> tell,
                 ExecutionObserver* next)
      : plan_(plan),
        writer_(*writer),
        requeues_(requeues),
        tell_(std::move(tell)),
        next_(*next) {}

  void OnStart(int job, absl::string_view attempt_dir) override;
  void OnElsewhere(int job, absl::string_view holder) override;
  void OnWait(int job, absl::string_view why) override;
  void OnAgain(int job, absl::string_view why) override;
  void OnEnd(int job, const JobEnd& end) override;
  void OnInterrupt(int signal_number) override;
  void OnSuspend() override;
  void OnTick(SteadyTime now) override;

 private:
  void Write(int job, LedgerEvent::Kind kind, absl::string_view why);

  const Plan& plan_;
  LedgerWriter& writer_;
  const bool requeues_;
  const std::function<void(const absl::Status&)> tell_;
  ExecutionObserver& next_;
  // Number of the attempt that runs, by job.
  std::map<int, int> attempts_;
  // By a signal.
  bool interrupted_ = false;
  bool told_ = false;
};

}  // namespace transect

#endif  // TRANSECT_LAUNCH_LEDGER_LEDGER_OBSERVER_H_
