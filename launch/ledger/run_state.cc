#include "launch/ledger/run_state.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "launch/ledger/ledger.h"
#include "launch/ledger/queued_job.h"
#include "launch/plan/jobs.h"

namespace transect {
namespace {

// The last of what the ledgers say.
struct Last {
  const LedgerEvent* event = nullptr;
  const LedgerStart* start = nullptr;
};

// Fills in what the ledgers know, and returns the last event.
Last ReadHistory(const RunEvidence& evidence, RunStatus* status) {
  Last last;
  if (evidence.history == nullptr) return last;
  for (const int index : evidence.history->entries) {
    const LedgerEntry& entry = evidence.ledger->entries[index];
    const LedgerStart& start = evidence.ledger->starts[entry.start];
    // A launcher that a slot overtakes says afterwards what it submitted.
    const bool late = entry.event.kind() == LedgerEvent::SUBMITTED &&
                      last.event != nullptr &&
                      last.event->kind() != LedgerEvent::INTENT &&
                      last.event->kind() != LedgerEvent::SUBMITTED;
    switch (entry.event.kind()) {
      case LedgerEvent::INTENT:
        status->job.clear();
        break;
      case LedgerEvent::SUBMITTED:
        if (!late) status->job = entry.event.number();
        break;
      case LedgerEvent::BEGUN:
        status->attempt = entry.event.attempt();
        ++status->attempts;
        status->job = start.number();
        status->node = start.nodes().empty() ? start.host() : start.nodes();
        break;
      default:
        break;
    }
    if (late) continue;
    last = {&entry.event, &start};
    status->since_unix_us = entry.event.unix_us();
  }
  return last;
}

bool IsSubmission(const Last& last) {
  return last.event != nullptr &&
         (last.event->kind() == LedgerEvent::INTENT ||
          last.event->kind() == LedgerEvent::SUBMITTED);
}

// Of a run that a live job of Slurm has and no attempt works on.
RunState StateInQueue(const QueuedJob& job, const Last& last,
                      RunStatus* status) {
  status->job = job.number;
  if (job.phase == QueuePhase::kUnknown) {
    status->reason = absl::StrCat("Slurm says ", job.state,
                                  ", a state that is not known here");
    return RunState::kUnknown;
  }
  const bool waits =
      job.phase == QueuePhase::kPending || job.phase == QueuePhase::kHeld;
  status->reason = waits && job.reason != "None" ? job.reason : "";
  status->estimated_start = waits ? job.start : "";
  if (job.phase == QueuePhase::kHeld) {
    absl::StrAppend(&status->reason, ", held: `scontrol release ", job.number,
                    "` lets it go on");
  } else if (job.phase == QueuePhase::kSuspended) {
    status->reason = "its job is suspended";
  } else if (!waits) {
    status->reason = "its job has not come to it yet";
  }
  const bool begun =
      last.event != nullptr && (last.event->kind() == LedgerEvent::BEGUN ||
                                last.event->kind() == LedgerEvent::REQUEUED);
  return begun ? RunState::kRequeued : RunState::kQueued;
}

// Of a run that is not done, not running and not in the queue.
RunState StateAtRest(const RunEvidence& evidence, const Last& last,
                     RunStatus* status) {
  if (last.event == nullptr) return RunState::kNew;
  const bool of_slurm = last.start->kind() != LedgerStart::LOCAL;
  const bool known = !of_slurm || evidence.queue == QueueAnswer::kAnswered;
  switch (last.event->kind()) {
    case LedgerEvent::INTENT:
    case LedgerEvent::SUBMITTED:
      if (!known) return RunState::kSubmitted;
      status->reason = "it was given to Slurm, which has no job for it";
      return RunState::kLost;
    case LedgerEvent::BEGUN:
      if (!known) {
        status->reason =
            absl::StrCat("attempt ", status->attempt, " ended without a word");
        return RunState::kSubmitted;
      }
      status->reason =
          absl::StrCat("attempt ", status->attempt, " ended without a word",
                       of_slurm ? ", and Slurm has no job for it"
                                : "; its launcher is gone");
      return RunState::kLost;
    case LedgerEvent::REQUEUED:
      if (!known) return RunState::kRequeued;
      status->reason =
          "Slurm was asked to start its job again, and has none for it";
      return RunState::kLost;
    case LedgerEvent::LOST:
      status->reason = last.event->why();
      return RunState::kLost;
    case LedgerEvent::CANCELLED:
      status->reason = last.event->why();
      return RunState::kNew;
    default:
      // What it ended with is in its files.
      return RunState::kNew;
  }
}

}  // namespace

const char* RunStateName(RunState state) {
  switch (state) {
    case RunState::kNew:
      return "NEW";
    case RunState::kSubmitted:
      return "SUBMITTED";
    case RunState::kQueued:
      return "QUEUED";
    case RunState::kRunning:
      return "RUNNING";
    case RunState::kRequeued:
      return "REQUEUED";
    case RunState::kLost:
      return "LOST";
    case RunState::kDone:
      return "DONE";
    case RunState::kFailed:
      return "FAILED";
    case RunState::kUnknown:
      break;
  }
  return "UNKNOWN";
}

RunStatus StatusOf(const RunEvidence& evidence) {
  RunStatus status;
  const Last last = ReadHistory(evidence, &status);
  if (evidence.files == JobState::kDone) {
    status.state = RunState::kDone;
    return status;
  }
  if (evidence.files == JobState::kCorrupt) {
    status.state = RunState::kFailed;
    status.reason = evidence.note;
    return status;
  }
  const bool live = evidence.job != nullptr && MayWork(evidence.job->phase);
  if (evidence.files == JobState::kRunning) {
    status.state = RunState::kRunning;
    // "node7, process 4711", where no ledger says it.
    if (status.node.empty()) {
      status.node = evidence.note.substr(0, evidence.note.find(','));
    }
    if (live && evidence.job->phase == QueuePhase::kSuspended) {
      status.reason = "its job is suspended";
    }
    return status;
  }
  // What was submitted after a failure tries again.
  if (evidence.files == JobState::kFailed && !IsSubmission(last)) {
    status.state = RunState::kFailed;
    status.reason = evidence.note;
    return status;
  }
  if (live) {
    status.state = StateInQueue(*evidence.job, last, &status);
    return status;
  }
  status.state = StateAtRest(evidence, last, &status);
  if (evidence.files == JobState::kFailed && status.state == RunState::kLost) {
    status.state = RunState::kFailed;
    status.reason = evidence.note;
  }
  if (evidence.job != nullptr &&
      evidence.job->phase == QueuePhase::kCancelled &&
      status.state == RunState::kLost) {
    status.state = RunState::kNew;
    status.reason = absl::StrCat("somebody cancelled its job ",
                                 evidence.job->number, " in Slurm");
  }
  return status;
}

}  // namespace transect
