#include "launch/listing/run_list.h"

#include <stdlib.h>
#include <time.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "data/io/textproto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/job.pb.h"
#include "launch/store/lease.h"
#include "launch/store/store.h"
#include "metrics/log_writer.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kCode[] = "fedcba9876543210fedcba9876543210";
constexpr char kEvaluation[] = "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f";

class RunListTest : public ::testing::Test {
 protected:
  RunListTest() : store_(Store::OpenOrCreate(NewDir() + "/store").value()) {}

  // The directory of a run with one attempt, which started at `second`.
  std::string Begin(char digit, int second) {
    const std::string dir = store_.RunDir(std::string(32, digit), kCode);
    Put(dir + "/attempts/0001/provenance.textproto",
        absl::StrCat("experiment: 'tables' job: 'rank=2 seed 1' host: 'node7' "
                     "start_unix_us: ",
                     second, "000000\n"));
    Put(dir + "/attempts/0001/launch.textproto",
        absl::StrCat("train { evaluation { id: '", kEvaluation,
                     "' split: 'val' } }\n"));
    return dir;
  }

  void PutEvaluation(const std::string& dir, absl::string_view more) {
    const std::string evaluation = EvaluationDir(dir, "val", kEvaluation);
    PutResult(evaluation, kEvaluation, kCode);
    Put(evaluation + "/result.textproto",
        absl::StrCat("id: '", kEvaluation, "' code: '", kCode,
                     "' file { path: 'out' bytes: 3 } attempt: 1 ranks: 1 "
                     "eval_items: 2 ",
                     more));
  }

  ListedRun Only() {
    const StoreListing list = ListRuns(store_, kCode);
    EXPECT_EQ(list.runs_size(), 1);
    return list.runs_size() == 1 ? list.runs(0) : ListedRun();
  }

  Store store_;
};

TEST_F(RunListTest, AnEmptyStoreHasNone) {
  const StoreListing list = ListRuns(store_, kCode);
  EXPECT_THAT(list.runs(), IsEmpty());
  EXPECT_EQ(list.store(), store_.root());
  EXPECT_EQ(list.code(), kCode);
}

TEST_F(RunListTest, ADoneRunWithWhatItsProvenanceAndResultsSay) {
  const std::string dir = Begin('a', 7);
  PutResult(dir, std::string(32, 'a'), kCode);
  PutEvaluation(dir, "giou: 0.25");
  const ListedRun run = Only();
  EXPECT_EQ(run.id(), std::string(32, 'a'));
  EXPECT_EQ(run.code(), "fedcba987654");
  EXPECT_EQ(run.state(), ListedState::DONE);
  EXPECT_EQ(run.experiment(), "tables");
  EXPECT_EQ(run.name(), "rank=2 seed 1");
  EXPECT_EQ(run.host(), "node7");
  EXPECT_EQ(run.start_unix_us(), 7'000'000);
  EXPECT_EQ(run.directory(), dir);
  ASSERT_EQ(run.evaluations_size(), 1);
  EXPECT_EQ(run.evaluations(0).split(), "val");
  EXPECT_EQ(run.evaluations(0).items(), 2);
  EXPECT_EQ(run.evaluations(0).giou(), 0.25);
}

// Results that are older than the number in them.
TEST_F(RunListTest, GiouIsReadFromTheMetricLogWhereTheResultHasNone) {
  const std::string dir = Begin('a', 7);
  PutResult(dir, std::string(32, 'a'), kCode);
  PutEvaluation(dir, "");
  EXPECT_FALSE(Only().evaluations(0).has_giou());
  const std::string attempt =
      AttemptDir(EvaluationDir(dir, "val", kEvaluation), 1);
  Put(attempt + "/x", "");
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<MetricLogWriter> log,
                       MetricLogWriter::Create(RankMetricsPath(attempt, 0)));
  MetricRecord record;
  record.mutable_header()->set_id(kEvaluation);
  record.mutable_header()->set_attempt(1);
  record.mutable_header()->set_ranks(1);
  ASSERT_THAT(log->Append(record), IsOk());
  for (const int id : {1, 2}) {
    EvalItem* const item = record.mutable_eval_item();
    item->set_split("val");
    item->set_item_id(id);
    item->mutable_prediction()->set_intersection(id);
    item->mutable_prediction()->set_union_(2);
    ASSERT_THAT(log->Append(record), IsOk());
  }
  ASSERT_THAT(log->Close(), IsOk());
  EXPECT_EQ(Only().evaluations(0).giou(), 0.75);
}

TEST_F(RunListTest, WithoutAnEvaluationItIsTrained) {
  PutResult(Begin('a', 7), std::string(32, 'a'), kCode);
  const ListedRun run = Only();
  EXPECT_EQ(run.state(), ListedState::TRAINED);
  EXPECT_EQ(run.note(), "not evaluated on val");
}

// As the launcher lays the file out, which is not parsed where it need not be.
TEST_F(RunListTest, EveryEvaluationOfTheLastAttemptCounts) {
  const std::string dir = Begin('a', 7);
  PutResult(dir, std::string(32, 'a'), kCode);
  PutEvaluation(dir, "giou: 0.25");
  LaunchPlan launch;
  EvaluateJob* evaluation = launch.mutable_train()->add_evaluation();
  evaluation->set_id(kEvaluation);
  evaluation->set_split("val");
  // In the spec of the run, which is another message of that name.
  launch.mutable_train()->mutable_run()->mutable_evaluation()->set_batch(3);
  ASSERT_THAT(WriteTextprotoAtomic(LaunchPath(AttemptDir(dir, 1)), launch),
              IsOk());
  EXPECT_EQ(Only().state(), ListedState::DONE);
  evaluation = launch.mutable_train()->add_evaluation();
  evaluation->set_id(std::string(32, '3'));
  evaluation->set_split("test");
  ASSERT_THAT(WriteTextprotoAtomic(LaunchPath(AttemptDir(dir, 1)), launch),
              IsOk());
  EXPECT_EQ(Only().note(), "not evaluated on test");
}

TEST_F(RunListTest, WithoutAResultTheLastAttemptSaysWhy) {
  const std::string dir = Begin('a', 7);
  EXPECT_EQ(Only().state(), ListedState::INTERRUPTED);
  Put(dir + "/attempts/0001/outcome.textproto",
      "cause: 'stopped' interrupted: true");
  EXPECT_EQ(Only().state(), ListedState::INTERRUPTED);
  Put(dir + "/attempts/0001/outcome.textproto", "cause: 'the disk is full'");
  const ListedRun run = Only();
  EXPECT_EQ(run.state(), ListedState::FAILED);
  EXPECT_EQ(run.note(), "the disk is full");
}

TEST_F(RunListTest, WhoHoldsTheLeaseIsRunning) {
  const std::string dir = Begin('a', 7);
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<Lease> lease, Lease::TryTake(dir));
  EXPECT_EQ(Only().state(), ListedState::RUNNING);
}

TEST_F(RunListTest, AResultThatDoesNotHoldIsCorrupt) {
  const std::string dir = Begin('a', 7);
  PutResult(dir, std::string(32, 'b'), kCode);
  const ListedRun run = Only();
  EXPECT_EQ(run.state(), ListedState::CORRUPT);
  EXPECT_THAT(run.note(), HasSubstr("is the result of"));
}

TEST_F(RunListTest, TheYoungestComesFirstAndWhatIsNotRecordedLast) {
  Begin('a', 7);
  Begin('b', 9);
  // As programs before the record left it.
  Put(store_.RunDir(std::string(32, 'c'), kCode) + "/attempts/0001/LOG", "");
  const std::string older =
      absl::StrCat(store_.root(), "/runs/01/0123/aaaaaaaaaaaa");
  PutResult(older, "0123", kCode);
  const StoreListing list = ListRuns(store_, "");
  ASSERT_EQ(list.runs_size(), 4);
  EXPECT_EQ(list.all_runs(), 4);
  EXPECT_EQ(list.runs(0).id()[0], 'b');
  EXPECT_EQ(list.runs(1).id()[0], 'a');
  EXPECT_EQ(list.runs(2).experiment(), "");
  EXPECT_EQ(list.runs(3).state(), ListedState::OLDER_SCHEME);
  EXPECT_EQ(ListedStateName(list.runs(3).state()), "older_scheme");
}

TEST(DateTextTest, IsOfThisMachineAndADashWhereItIsNotKnown) {
  setenv("TZ", "UTC", 1);
  tzset();
  EXPECT_EQ(DateText(1'764'511'500'000'000), "2025-11-30 14:05");
  EXPECT_EQ(DateText(0), "–");
}

}  // namespace
}  // namespace transect
