#include "launch/watch/log_lines.h"

#include <memory>
#include <string>
#include <vector>

#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/store.h"
#include "metrics/log_writer.h"
#include "metrics/metric_log.pb.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

MetricRecord Step(int64_t step) {
  MetricRecord record;
  record.mutable_train_step()->set_step(step);
  record.mutable_train_step()->set_steps(5);
  record.mutable_train_step()->set_loss(0.5);
  record.mutable_train_step()->set_lr(1e-4);
  record.mutable_train_step()->set_step_seconds(0.25);
  return record;
}

// "." before what the rank wrote itself.
std::vector<std::string> Texts(const std::vector<LogLine>& lines) {
  std::vector<std::string> texts;
  for (const LogLine& line : lines) {
    texts.push_back(line.written ? "." + line.text : line.text);
  }
  return texts;
}

TEST(RecordLineTest, SaysWhatPeopleRead) {
  EXPECT_EQ(RecordLine(Step(3)), "step 3/5  loss 0.5  lr 0.0001  250 ms/step");
  MetricRecord record;
  record.mutable_resumed()->set_step(2);
  record.mutable_resumed()->set_attempt(1);
  EXPECT_EQ(RecordLine(record), "went on from step 2 of attempt 1");
  record.mutable_validation()->set_step(4);
  record.mutable_validation()->set_split("val");
  record.mutable_validation()->set_giou(0.25);
  record.mutable_validation()->set_ciou(0.5);
  record.mutable_validation()->set_best(true);
  EXPECT_EQ(RecordLine(record),
            "step 4  val gIoU 25.00  cIoU 50.00, the best so far");
  record.mutable_eval_item()->set_item_id(1);
  EXPECT_EQ(RecordLine(record), "");
}

class LogLinesTest : public ::testing::Test {
 protected:
  LogLinesTest() : attempt_(AttemptDir(dir_, 2)) { Put(attempt_ + "/x", ""); }

  const std::string dir_ = NewDir();
  const std::string attempt_;
};

TEST_F(LogLinesTest, NothingIsThereYet) {
  EXPECT_THAT(LogLines(dir_, 2, 0).Poll(true), IsEmpty());
}

TEST_F(LogLinesTest, EachPollHasWhatIsNew) {
  LogLines lines(dir_, 2, 1);
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<MetricLogWriter> log,
                       MetricLogWriter::Create(RankMetricsPath(attempt_, 1)));
  ASSERT_THAT(log->Append(Step(1)), IsOk());
  Put(RankLogPath(attempt_, 1), "one\ntw");
  EXPECT_THAT(
      Texts(lines.Poll(false)),
      ElementsAre("step 1/5  loss 0.5  lr 0.0001  250 ms/step", ".one"));
  EXPECT_THAT(lines.Poll(false), IsEmpty());
  Put(RankLogPath(attempt_, 1), "one\ntwo\nthr");
  EXPECT_THAT(Texts(lines.Poll(false)), ElementsAre(".two"));
  EXPECT_THAT(Texts(lines.Poll(true)), ElementsAre(".thr"));
  EXPECT_THAT(lines.Poll(true), IsEmpty());
}

TEST_F(LogLinesTest, EvaluationsOfTheSameAttemptBelongToIt) {
  const std::string evaluation =
      EvaluationDir(dir_, "val", std::string(32, 'e'));
  for (const int attempt : {1, 2}) {
    const std::string dir = AttemptDir(evaluation, attempt);
    Put(dir + "/x", "");
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<MetricLogWriter> log,
                         MetricLogWriter::Create(RankMetricsPath(dir, 0)));
    MetricRecord record;
    record.mutable_progress()->set_what("evaluated");
    record.mutable_progress()->set_done(attempt);
    record.mutable_progress()->set_total(8);
    ASSERT_THAT(log->Append(record), IsOk());
  }
  EXPECT_THAT(Texts(LogLines(dir_, 2, 0).Poll(true)),
              ElementsAre("evaluated 2/8"));
}

TEST_F(LogLinesTest, ADamagedLogIsSaidOnce) {
  Put(RankMetricsPath(attempt_, 0), "no log at all, by far");
  LogLines lines(dir_, 2, 0);
  const std::vector<LogLine> first = lines.Poll(true);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_THAT(first[0].text, ::testing::HasSubstr("is damaged at byte 0"));
  EXPECT_THAT(lines.Poll(true), IsEmpty());
}

}  // namespace
}  // namespace transect
