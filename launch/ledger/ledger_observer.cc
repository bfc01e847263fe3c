#include "launch/ledger/ledger_observer.h"

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "launch/execute/execution.h"
#include "launch/ledger/ledger.h"
#include "launch/store/store.h"

namespace transect {

void LedgerObserver::Write(int job, LedgerEvent::Kind kind,
                           absl::string_view why) {
  LedgerEvent event;
  event.set_kind(kind);
  event.add_run(plan_.jobs[job].id);
  event.set_attempt(attempts_[job]);
  if (!why.empty()) event.set_why(std::string(why));
  const absl::Status written = writer_.Append(std::move(event));
  if (!written.ok() && !told_) {
    told_ = true;
    tell_(written);
  }
}

void LedgerObserver::OnStart(int job, absl::string_view attempt_dir) {
  attempts_[job] = AttemptNumber(attempt_dir);
  Write(job, LedgerEvent::BEGUN, "");
  next_.OnStart(job, attempt_dir);
}

void LedgerObserver::OnElsewhere(int job, absl::string_view holder) {
  next_.OnElsewhere(job, holder);
}

void LedgerObserver::OnWait(int job, absl::string_view why) {
  next_.OnWait(job, why);
}

void LedgerObserver::OnAgain(int job, absl::string_view why) {
  Write(job, LedgerEvent::ENDED, why);
  attempts_.erase(job);
  next_.OnAgain(job, why);
}

void LedgerObserver::OnEnd(int job, const JobEnd& end) {
  // What others began is told by them.
  const bool failed =
      end.kind == JobEnd::kFailed || end.kind == JobEnd::kBlocked;
  if (attempts_.contains(job) || failed) {
    switch (end.kind) {
      case JobEnd::kDone:
        Write(job, LedgerEvent::DONE, "");
        break;
      case JobEnd::kInterrupted:
        Write(job,
              requeues_ && interrupted_ ? LedgerEvent::REQUEUED
                                        : LedgerEvent::ENDED,
              end.cause);
        break;
      default:
        Write(job, LedgerEvent::ENDED, end.cause);
        break;
    }
    attempts_.erase(job);
  }
  next_.OnEnd(job, end);
}

void LedgerObserver::OnInterrupt(int signal_number) {
  interrupted_ = true;
  next_.OnInterrupt(signal_number);
}

void LedgerObserver::OnSuspend() { next_.OnSuspend(); }

void LedgerObserver::OnTick(SteadyTime now) { next_.OnTick(now); }

}  // namespace transect
