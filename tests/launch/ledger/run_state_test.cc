#include "launch/ledger/run_state.h"

#include <iterator>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/ledger/ledger.h"
#include "launch/ledger/queued_job.h"

namespace transect {
namespace {

using testing::HasSubstr;

constexpr auto kIntent = LedgerEvent::INTENT;
constexpr auto kSubmitted = LedgerEvent::SUBMITTED;
constexpr auto kBegun = LedgerEvent::BEGUN;
constexpr auto kEnded = LedgerEvent::ENDED;
constexpr auto kRequeued = LedgerEvent::REQUEUED;
constexpr auto kLost = LedgerEvent::LOST;
constexpr auto kDone = LedgerEvent::DONE;
constexpr auto kCancelled = LedgerEvent::CANCELLED;
constexpr auto kNotAsked = QueueAnswer::kNotAsked;
constexpr auto kNoAnswer = QueueAnswer::kNone;
constexpr auto kAnswered = QueueAnswer::kAnswered;

// A row of the table: what is known, and the state.
struct Row {
  JobState files;
  std::vector<LedgerEvent::Kind> events;
  QueueAnswer queue;
  // Slurm's word for the job's state, and its reason; no job if empty.
  std::string queued;
  std::string queued_reason;
  RunState state;
  // Part of the reason.
  std::string reason;
};

// The history of `events`, with BEGUN and what follows by a slot on n1 in job
// 17, or locally on "here".
struct World {
  World(const Row& row, bool slurm) {
    LedgerStart& submitter = ledger.starts.emplace_back();
    submitter.set_kind(LedgerStart::SUBMITTER);
    LedgerStart& worker = ledger.starts.emplace_back();
    worker.set_kind(slurm ? LedgerStart::SLOT : LedgerStart::LOCAL);
    worker.set_host("here");
    if (slurm) {
      worker.set_number("17");
      worker.set_nodes("n1");
    }
    int attempt = 0;
    for (const LedgerEvent::Kind kind : row.events) {
      LedgerEntry& entry = ledger.entries.emplace_back();
      entry.event.set_kind(kind);
      entry.event.set_unix_us(static_cast<int64_t>(ledger.entries.size()));
      entry.event.set_why("by hand");
      if (kind == kSubmitted) entry.event.set_number("17");
      if (kind == kBegun) entry.event.set_attempt(++attempt);
      entry.start = kind == kIntent || kind == kSubmitted || kind == kLost ||
                            kind == kCancelled
                        ? 0
                        : 1;
      history.entries.push_back(static_cast<int>(history.entries.size()));
    }
    evidence.files = row.files;
    evidence.note = "as the files say";
    evidence.ledger = &ledger;
    if (!row.events.empty()) evidence.history = &history;
    evidence.queue = row.queue;
    if (!row.queued.empty()) {
      job.number = "17";
      job.state = row.queued;
      job.reason = row.queued_reason;
      job.start = "2026-01-31T12:00:00";
      job.phase = PhaseOf(job.state, job.reason);
      evidence.job = &job;
    }
  }
  Ledger ledger;
  RunHistory history;
  QueuedJob job;
  RunEvidence evidence;
};

// clang-format off
const Row kTable[] = {
    // The files come first.
    {JobState::kDone, {}, kNotAsked, "", "", RunState::kDone, ""},
    {JobState::kDone, {kIntent}, kAnswered, "PENDING", "Resources", RunState::kDone, ""},
    {JobState::kDone, {kSubmitted, kBegun}, kAnswered, "", "", RunState::kDone, ""},
    {JobState::kCorrupt, {}, kNotAsked, "", "", RunState::kFailed, "as the files"},
    {JobState::kRunning, {}, kNotAsked, "", "", RunState::kRunning, ""},
    {JobState::kRunning, {kSubmitted, kBegun}, kAnswered, "SUSPENDED", "None", RunState::kRunning, "suspended"},
    {JobState::kRunning, {kSubmitted, kBegun}, kNoAnswer, "", "", RunState::kRunning, ""},
    {JobState::kFailed, {}, kNotAsked, "", "", RunState::kFailed, "as the files say"},
    {JobState::kFailed, {kSubmitted, kBegun, kEnded}, kAnswered, "RUNNING", "None", RunState::kFailed, "as the files say"},
    // Given to Slurm once more after a failure.
    {JobState::kFailed, {kBegun, kEnded, kIntent, kSubmitted}, kAnswered, "PENDING", "Priority", RunState::kQueued, "Priority"},
    {JobState::kFailed, {kBegun, kEnded, kIntent, kSubmitted}, kNoAnswer, "", "", RunState::kSubmitted, ""},
    {JobState::kFailed, {kBegun, kEnded, kIntent, kSubmitted}, kAnswered, "", "", RunState::kFailed, "as the files say"},
    // Nothing is known.
    {JobState::kNew, {}, kNotAsked, "", "", RunState::kNew, ""},
    {JobState::kStale, {}, kAnswered, "", "", RunState::kNew, ""},
    // Given to Slurm.
    {JobState::kNew, {kIntent}, kNotAsked, "", "", RunState::kSubmitted, ""},
    {JobState::kNew, {kIntent}, kNoAnswer, "", "", RunState::kSubmitted, ""},
    {JobState::kNew, {kIntent}, kAnswered, "", "", RunState::kLost, "has no job"},
    {JobState::kNew, {kIntent}, kAnswered, "PENDING", "Resources", RunState::kQueued, "Resources"},
    {JobState::kNew, {kIntent, kSubmitted}, kNotAsked, "", "", RunState::kSubmitted, ""},
    {JobState::kNew, {kIntent, kSubmitted}, kAnswered, "PENDING", "JobHeldUser", RunState::kQueued, "scontrol release 17"},
    {JobState::kNew, {kIntent, kSubmitted}, kAnswered, "RUNNING", "None", RunState::kQueued, "not come to it"},
    {JobState::kNew, {kIntent, kSubmitted}, kAnswered, "COMPLETED", "None", RunState::kLost, "has no job"},
    {JobState::kNew, {kIntent, kSubmitted}, kAnswered, "CANCELLED", "None", RunState::kNew, "cancelled its job 17"},
    {JobState::kNew, {kIntent, kSubmitted}, kAnswered, "POWERING_DOWN_NODE", "None", RunState::kUnknown, "POWERING_DOWN_NODE"},
    // In attempts.
    {JobState::kNew, {kSubmitted, kBegun}, kAnswered, "RUNNING", "None", RunState::kRequeued, "not come to it"},
    {JobState::kNew, {kSubmitted, kBegun, kRequeued}, kAnswered, "PENDING", "BeginTime", RunState::kRequeued, "BeginTime"},
    {JobState::kNew, {kSubmitted, kBegun, kRequeued}, kNotAsked, "", "", RunState::kRequeued, ""},
    {JobState::kNew, {kSubmitted, kBegun, kRequeued}, kNoAnswer, "", "", RunState::kRequeued, ""},
    {JobState::kNew, {kSubmitted, kBegun, kRequeued}, kAnswered, "", "", RunState::kLost, "asked to start"},
    {JobState::kNew, {kSubmitted, kBegun}, kAnswered, "NODE_FAIL", "None", RunState::kLost, "ended without a word"},
    {JobState::kNew, {kSubmitted, kBegun}, kNoAnswer, "", "", RunState::kSubmitted, "ended without a word"},
    {JobState::kNew, {kSubmitted, kBegun, kLost}, kNotAsked, "", "", RunState::kLost, "by hand"},
    {JobState::kNew, {kSubmitted, kBegun, kLost, kIntent}, kNotAsked, "", "", RunState::kSubmitted, ""},
    {JobState::kNew, {kSubmitted, kCancelled}, kAnswered, "", "", RunState::kNew, "by hand"},
    {JobState::kNew, {kSubmitted, kBegun, kEnded}, kAnswered, "", "", RunState::kNew, ""},
    // The store lost what it had.
    {JobState::kNew, {kBegun, kDone}, kNotAsked, "", "", RunState::kNew, ""},
};
// clang-format on

TEST(StatusOf, Table) {
  for (size_t i = 0; i < std::size(kTable); ++i) {
    SCOPED_TRACE(testing::Message() << "row " << i);
    const World world(kTable[i], /*slurm=*/true);
    const RunStatus status = StatusOf(world.evidence);
    EXPECT_STREQ(RunStateName(status.state), RunStateName(kTable[i].state));
    EXPECT_THAT(status.reason, HasSubstr(kTable[i].reason));
    EXPECT_EQ(status.reason.empty(), kTable[i].reason.empty());
  }
}

TEST(StatusOf, ALauncherOnThisMachineNeedsNoSlurm) {
  const Row row = {JobState::kNew, {kBegun}, kNotAsked, "", "", {}, ""};
  const World world(row, /*slurm=*/false);
  const RunStatus status = StatusOf(world.evidence);
  EXPECT_EQ(status.state, RunState::kLost);
  EXPECT_EQ(status.reason,
            "attempt 1 ended without a word; its launcher is gone");
  EXPECT_EQ(status.node, "here");
  EXPECT_EQ(status.job, "");
}

TEST(StatusOf, TellsJobNodeAttemptsAndTime) {
  const Row row = {JobState::kRunning,
                   {kIntent, kSubmitted, kBegun, kRequeued, kBegun},
                   kAnswered,
                   "RUNNING",
                   "None",
                   {},
                   ""};
  const World world(row, /*slurm=*/true);
  const RunStatus status = StatusOf(world.evidence);
  EXPECT_EQ(status.job, "17");
  EXPECT_EQ(status.node, "n1");
  EXPECT_EQ(status.attempt, 2);
  EXPECT_EQ(status.attempts, 2);
  EXPECT_EQ(status.since_unix_us, 5);
}

TEST(StatusOf, AWaitingJobHasAReasonAndAStart) {
  const Row row = {JobState::kNew,
                   {kIntent, kSubmitted},
                   kAnswered,
                   "PENDING",
                   "Priority",
                   {},
                   ""};
  const RunStatus status = StatusOf(World(row, /*slurm=*/true).evidence);
  EXPECT_EQ(status.reason, "Priority");
  EXPECT_EQ(status.estimated_start, "2026-01-31T12:00:00");
}

// sbatch answers after the job has begun.
TEST(StatusOf, ASubmissionThatIsToldLateChangesNothing) {
  const Row row = {JobState::kNew,
                   {kIntent, kBegun, kRequeued, kSubmitted},
                   kNotAsked,
                   "",
                   "",
                   {},
                   ""};
  EXPECT_EQ(StatusOf(World(row, /*slurm=*/true).evidence).state,
            RunState::kRequeued);
}

}  // namespace
}  // namespace transect
