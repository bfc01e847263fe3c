#include "launch/execute/throughput_recorder.h"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "experiments/expanding/expand.h"
#include "experiments/reading/load.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/execute/local_executor.h"
#include "launch/plan/plan.h"
#include "launch/store/store.h"
#include "launch/store/throughput.h"
#include "metrics/log_writer.h"
#include "metrics/metric_log.pb.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Heard : public ExecutionObserver {
 public:
  void OnStart(int job, absl::string_view) override { Note("start", job); }
  void OnElsewhere(int job, absl::string_view) override { Note("else", job); }
  void OnEnd(int job, const JobEnd&) override { Note("end", job); }
  void OnInterrupt(int signal) override { Note("interrupt", signal); }
  void OnTick(SteadyTime) override { Note("tick", 0); }
  void Note(const char* what, int number) {
    notes.push_back(absl::StrCat(what, " ", number));
  }
  std::vector<std::string> notes;
};

class ThroughputRecorderTest : public testing::Test {
 protected:
  ThroughputRecorderTest()
      : store_(*Store::OpenOrCreate(NewDir() + "/store")),
        plan_(*MakePlan(
            *Expand(*LoadExperiment("tests/e2e/tiny.textproto"), {}), store_,
            SiteFile(), "fedcba9876543210fedcba9876543210", nullptr)),
        recorder_(plan_, store_, machine_, &next_),
        run_(plan_.first_run),
        attempt_(plan_.jobs[run_].dir + "/attempts/0001") {}

  SteadyTime After(int seconds) {
    return SteadyTime() + std::chrono::seconds(1000 + seconds);
  }

  Store store_;
  Plan plan_;
  Machine machine_;
  Heard next_;
  ThroughputRecorder recorder_;
  int run_;
  std::string attempt_;
};

TEST_F(ThroughputRecorderTest, TheFirstStepsMakeAProbe) {
  Put(attempt_ + "/launch.textproto", "");
  auto writer = MetricLogWriter::Create(RankMetricsPath(attempt_, 0));
  ASSERT_THAT(writer, IsOk());
  recorder_.OnStart(run_, attempt_);
  MetricRecord record;
  record.mutable_train_step()->set_step(10);
  record.mutable_train_step()->set_step_seconds(7);
  ASSERT_THAT((*writer)->Append(record), IsOk());
  recorder_.OnTick(After(0));
  EXPECT_THAT(ReadThroughputs(store_), IsEmpty())
      << "the first record is warm-up";
  record.mutable_train_step()->set_step(20);
  record.mutable_train_step()->set_step_seconds(0.25);
  ASSERT_THAT((*writer)->Append(record), IsOk());
  ASSERT_THAT((*writer)->Close(), IsOk());
  recorder_.OnTick(After(2));
  ASSERT_THAT(ReadThroughputs(store_), SizeIs(1));
  EXPECT_TRUE(ReadThroughputs(store_)[0].probe());
  EXPECT_EQ(ReadThroughputs(store_)[0].step_seconds(), 0.25);
  EXPECT_THAT(next_.notes,
              ElementsAre(absl::StrCat("start ", run_), "tick 0", "tick 0"));
}

TEST_F(ThroughputRecorderTest, AFinishedRunIsMeasured) {
  const Job& job = plan_.jobs[run_];
  PutDone(job.dir, job.launch, plan_.code);
  Put(job.dir + "/result.textproto",
      absl::StrCat("id: \"", job.id, "\" code: \"", plan_.code,
                   "\" attempt: 2 file { path: \"out\" bytes: 3 } steps: 5 "
                   "step_seconds: 0.5 seconds: 4"));
  JobEnd end;
  end.kind = JobEnd::kFailed;
  recorder_.OnEnd(run_, end);
  EXPECT_THAT(ReadThroughputs(store_), IsEmpty());
  end.kind = JobEnd::kDone;
  // It evaluated something; the training was another attempt's.
  recorder_.OnStart(run_, job.dir + "/attempts/0003");
  recorder_.OnEnd(run_, end);
  EXPECT_THAT(ReadThroughputs(store_), IsEmpty());
  recorder_.OnStart(run_, job.dir + "/attempts/0002");
  recorder_.OnEnd(run_, end);
  recorder_.OnEnd(0, end);
  ASSERT_THAT(ReadThroughputs(store_), SizeIs(1));
  EXPECT_EQ(ReadThroughputs(store_)[0].step_seconds(), 0.5);
  EXPECT_EQ(ReadThroughputs(store_)[0].other_seconds(), 1.5);
  EXPECT_EQ(ReadThroughputs(store_)[0].runs(), 1);
}

TEST_F(ThroughputRecorderTest, EverythingIsPassedOn) {
  recorder_.OnElsewhere(1, "somebody");
  recorder_.OnInterrupt(15);
  EXPECT_THAT(next_.notes, ElementsAre("else 1", "interrupt 15"));
}

}  // namespace
}  // namespace transect
