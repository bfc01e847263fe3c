#include "launch/ledger/ledger.h"

#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/execute/execution.h"
#include "launch/ledger/ledger_observer.h"
#include "launch/plan/plan.h"
#include "launch/store/store.h"
#include "tests/launch/testing/execution.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class LedgerTest : public testing::Test {
 protected:
  LedgerTest() : store_(*Store::OpenOrCreate(NewDir() + "/store")) {}

  static LedgerStart StartOf(LedgerStart::Kind kind,
                             const std::string& code = kRunCode) {
    LedgerStart start;
    start.set_kind(kind);
    start.set_experiment("sweep");
    start.set_code(code);
    return start;
  }
  static LedgerEvent Event(LedgerEvent::Kind kind,
                           const std::vector<std::string>& runs) {
    LedgerEvent event;
    event.set_kind(kind);
    for (const std::string& run : runs) event.add_run(run);
    return event;
  }
  Ledger Read() { return ReadLedger(store_, "sweep").value(); }
  std::string OnlyFile() {
    const std::string directory = LedgerDirOf(store_, "sweep");
    return absl::StrCat(directory, "/", ListDirectory(directory)->at(0));
  }
  static std::vector<std::string> Names(const Ledger& ledger) {
    std::vector<std::string> names;
    for (const LedgerEntry& entry : ledger.entries) {
      names.push_back(EventName(entry.event.kind()));
    }
    return names;
  }

  Store store_;
};

TEST_F(LedgerTest, NothingIsMadeWithoutAnEvent) {
  { const LedgerWriter writer(store_, StartOf(LedgerStart::LOCAL)); }
  EXPECT_FALSE(FileExists(store_.LedgerDir()));
  EXPECT_THAT(Read().entries, IsEmpty());
}

TEST_F(LedgerTest, MergesWhatProcessesWroteByTime) {
  LedgerWriter first(store_, StartOf(LedgerStart::SUBMITTER));
  LedgerWriter second(store_, StartOf(LedgerStart::SLOT));
  ASSERT_THAT(first.Append(Event(LedgerEvent::INTENT, {"a"})), IsOk());
  ASSERT_THAT(second.Append(Event(LedgerEvent::BEGUN, {"a"})), IsOk());
  ASSERT_THAT(first.Append(Event(LedgerEvent::LOST, {"a"})), IsOk());
  ASSERT_THAT(second.Append(Event(LedgerEvent::DONE, {"a"})), IsOk());
  const Ledger ledger = Read();
  EXPECT_THAT(Names(ledger), ElementsAre("intent", "begun", "lost", "done"));
  ASSERT_THAT(ledger.starts, SizeIs(2));
  EXPECT_EQ(ledger.starts[ledger.entries[1].start].kind(), LedgerStart::SLOT);
  EXPECT_FALSE(ledger.starts[0].host().empty());
  EXPECT_THAT(ledger.problems, IsEmpty());
}

TEST_F(LedgerTest, ATailThatIsTornAnywhereIsLeftOutAndNamed) {
  LedgerWriter writer(store_, StartOf(LedgerStart::LOCAL));
  ASSERT_THAT(writer.Append(Event(LedgerEvent::BEGUN, {"a"})), IsOk());
  const std::string whole = *ReadFile(OnlyFile());
  ASSERT_THAT(writer.Append(Event(LedgerEvent::DONE, {"a"})), IsOk());
  const std::string longer = *ReadFile(OnlyFile());
  for (size_t bytes = whole.size() + 1; bytes < longer.size(); ++bytes) {
    Put(OnlyFile(), longer.substr(0, bytes));
    const Ledger ledger = Read();
    EXPECT_THAT(Names(ledger), ElementsAre("begun"));
    EXPECT_THAT(ledger.problems, ElementsAre(HasSubstr(absl::StrCat(
                                     "torn tail at byte ", whole.size()))));
  }
  std::string damaged = longer;
  damaged.back() ^= 1;
  Put(OnlyFile(), damaged);
  EXPECT_THAT(Names(Read()), ElementsAre("begun"));
  EXPECT_THAT(Read().problems, ElementsAre(HasSubstr("is damaged at byte")));
  // A file of something else.
  Put(OnlyFile(), "text");
  EXPECT_THAT(Read().problems, SizeIs(1));
}

TEST_F(LedgerTest, AfterAnErrorTheNextEventBeginsAnotherFile) {
  LedgerWriter writer(store_, StartOf(LedgerStart::LOCAL));
  Put(store_.LedgerDir(), "in the way");
  EXPECT_FALSE(writer.Append(Event(LedgerEvent::BEGUN, {"a"})).ok());
  ASSERT_EQ(unlink(store_.LedgerDir().c_str()), 0);
  ASSERT_THAT(writer.Append(Event(LedgerEvent::BEGUN, {"a"})), IsOk());
  EXPECT_THAT(Names(Read()), ElementsAre("begun"));
}

TEST_F(LedgerTest, NamesOfExperimentsStayInTheirDirectory) {
  EXPECT_EQ(LedgerDirOf(store_, "../a b"), store_.LedgerDir() + "/_.._a_b");
  EXPECT_EQ(LedgerDirOf(store_, "rank-8.1"), store_.LedgerDir() + "/rank-8.1");
}

TEST_F(LedgerTest, ACommentStandsForTheRunsOfItsIntent) {
  LedgerWriter writer(store_, StartOf(LedgerStart::SUBMITTER));
  LedgerEvent intent = Event(LedgerEvent::INTENT, {"a", "b"});
  intent.set_comment("sweep=s group=0");
  ASSERT_THAT(writer.Append(intent), IsOk());
  // By another process, which found it by its name.
  LedgerWriter finder(store_, StartOf(LedgerStart::SUBMITTER));
  LedgerEvent submitted = Event(LedgerEvent::SUBMITTED, {});
  submitted.set_comment("sweep=s group=0");
  ASSERT_THAT(finder.Append(submitted), IsOk());
  submitted.set_comment("sweep=other group=0");
  ASSERT_THAT(finder.Append(submitted), IsOk());
  LedgerWriter other_code(store_, StartOf(LedgerStart::LOCAL, "0123456789abc"));
  ASSERT_THAT(other_code.Append(Event(LedgerEvent::BEGUN, {"a"})), IsOk());
  const Ledger ledger = Read();
  const auto histories = HistoriesOf(ledger, kRunCode);
  EXPECT_THAT(histories, SizeIs(2));
  EXPECT_THAT(histories.at("a").entries, ElementsAre(0, 1));
  EXPECT_THAT(histories.at("b").entries, ElementsAre(0, 1));
}

TEST_F(LedgerTest, AnObserverWritesAttempts) {
  Plan plan;
  for (int i = 0; i < 4; ++i) AddWantedRun(store_, &plan);
  Recorder next;
  LedgerWriter writer(store_, StartOf(LedgerStart::SLOT));
  std::vector<absl::Status> problems;
  LedgerObserver observer(
      plan, &writer, /*requeues=*/true,
      [&](const absl::Status& problem) { problems.push_back(problem); }, &next);
  const auto start = [&](int job, int attempt) {
    observer.OnStart(job, AttemptDir(plan.jobs[job].dir, attempt));
  };
  const auto end = [&](int job, JobEnd::Kind kind, const std::string& cause) {
    JobEnd ended;
    ended.kind = kind;
    ended.cause = cause;
    observer.OnEnd(job, ended);
  };
  start(0, 1);
  observer.OnAgain(0, "no peer");
  start(0, 2);
  end(0, JobEnd::kDone, "");
  start(1, 7);
  end(1, JobEnd::kFailed, "no");
  end(2, JobEnd::kDoneElse, "");
  start(3, 1);
  observer.OnInterrupt(15);
  end(3, JobEnd::kInterrupted, "told");
  const Ledger ledger = Read();
  EXPECT_THAT(Names(ledger),
              ElementsAre("begun", "ended", "begun", "done", "begun", "ended",
                          "begun", "requeued"));
  EXPECT_EQ(ledger.entries[2].event.attempt(), 2);
  EXPECT_EQ(ledger.entries[5].event.why(), "no");
  EXPECT_THAT(next.events, SizeIs(10));
  EXPECT_THAT(problems, IsEmpty());
}

TEST_F(LedgerTest, ALedgerThatCannotBeWrittenStopsNothingAndIsToldOnce) {
  Plan plan;
  AddWantedRun(store_, &plan);
  Recorder next;
  Put(store_.LedgerDir(), "in the way");
  LedgerWriter writer(store_, StartOf(LedgerStart::LOCAL));
  std::vector<absl::Status> problems;
  LedgerObserver observer(
      plan, &writer, /*requeues=*/false,
      [&](const absl::Status& problem) { problems.push_back(problem); }, &next);
  observer.OnStart(0, AttemptDir(plan.jobs[0].dir, 1));
  observer.OnEnd(0, JobEnd());
  EXPECT_THAT(next.events, ElementsAre("start 0", "end 0"));
  EXPECT_THAT(problems, SizeIs(1));
}

}  // namespace
}  // namespace transect
