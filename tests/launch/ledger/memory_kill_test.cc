#include "launch/ledger/memory_kill.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/ledger/ledger.h"
#include "launch/ledger/queued_job.h"

namespace transect {
namespace {

// A run that was submitted under comment "c", and attempt 2 of which slot 17_3
// began.
class AttemptKilledForMemoryTest : public ::testing::Test {
 protected:
  AttemptKilledForMemoryTest() {
    ledger_.starts.resize(2);
    ledger_.starts[1].set_number("17_3");
    LedgerEvent intent;
    intent.set_kind(LedgerEvent::INTENT);
    intent.set_comment("c");
    Add(intent, 0);
    Add(Of(LedgerEvent::BEGUN, 2), 1);
  }

  static LedgerEvent Of(LedgerEvent::Kind kind, int attempt) {
    LedgerEvent event;
    event.set_kind(kind);
    event.set_attempt(attempt);
    return event;
  }
  void Add(const LedgerEvent& event, int start) {
    history_.entries.push_back(static_cast<int>(ledger_.entries.size()));
    ledger_.entries.push_back({event, start});
  }
  int Killed(const std::string& number, const std::string& state,
             const std::string& comment) const {
    QueuedJob job;
    job.number = number;
    job.state = state;
    job.comment = comment;
    return AttemptKilledForMemory(ledger_, history_, {QueuedJob(), job});
  }

  Ledger ledger_;
  RunHistory history_;
};

TEST_F(AttemptKilledForMemoryTest, IsTheOneThatTheJobHad) {
  EXPECT_EQ(Killed("17_3", "OUT_OF_MEMORY", "c"), 2);
  EXPECT_EQ(Killed("17_4", "OUT_OF_MEMORY", "c"), 0) << "another slot";
  EXPECT_EQ(Killed("17_3", "OUT_OF_MEMORY", "d"), 0) << "a number used again";
  EXPECT_EQ(Killed("17_3", "FAILED", "c"), 0);
  EXPECT_EQ(Killed("17_3", "RUNNING", "c"), 0);
  EXPECT_EQ(AttemptKilledForMemory(ledger_, {}, {}), 0);
}

TEST_F(AttemptKilledForMemoryTest, IsNoneOnceAnEndIsKnown) {
  Add(Of(LedgerEvent::ENDED, 2), 1);
  EXPECT_EQ(Killed("17_3", "OUT_OF_MEMORY", "c"), 0);
  // Another one works on it by now.
  ledger_.starts.emplace_back().set_number("17_9");
  Add(Of(LedgerEvent::BEGUN, 3), 2);
  EXPECT_EQ(Killed("17_3", "OUT_OF_MEMORY", "c"), 0);
  EXPECT_EQ(Killed("17_9", "OUT_OF_MEMORY", "c"), 3);
}

}  // namespace
}  // namespace transect
