#include "metrics/training_series.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/log_format.h"
#include "metrics/metric_log.pb.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The logs of the attempts of one job. Steps have the loss 100 * attempt + step
// and one record for every two.
class Logs {
 public:
  Logs()
      : dir_(absl::StrCat(
            testing::TempDir(), "/series_",
            testing::UnitTest::GetInstance()->current_test_info()->name())) {
    EXPECT_THAT(MakeDirs(dir_), IsOk());
  }

  // Steps after `begin`, up to `end`, resumed at `begin` from `from`.
  void Add(int attempt, int64_t begin, int64_t end, int from = 0) {
    std::string log = Begin(attempt);
    if (from > 0) log += ResumedAt(begin, from);
    for (int64_t step = begin + 1; step <= end; ++step) {
      if (step % 2 == 0) log += Step(attempt, step);
      if (step % 4 == 0) log += Score(attempt, step);
    }
    Write(attempt, log);
  }
  void Write(int attempt, const std::string& bytes) {
    paths[attempt] = absl::StrCat(dir_, "/", attempt, ".metrics");
    ASSERT_THAT(WriteFile(paths[attempt], bytes), IsOk());
  }
  std::string Read(int attempt) const {
    return ReadFile(paths.at(attempt)).value_or("");
  }

  static std::string Begin(int attempt, const std::string& id = "a") {
    MetricRecord record;
    record.mutable_header()->set_id(id);
    record.mutable_header()->set_attempt(attempt);
    record.mutable_header()->set_ranks(1);
    record.mutable_header()->set_start_unix_us(attempt * int64_t{1000000});
    return EncodeMetricLogHeader() + Frame(record);
  }
  static std::string ResumedAt(int64_t step, int attempt) {
    MetricRecord record;
    record.mutable_resumed()->set_step(step);
    record.mutable_resumed()->set_attempt(attempt);
    return Frame(record);
  }
  static std::string Step(int attempt, int64_t step, int64_t mean_of = 2) {
    MetricRecord record;
    record.mutable_train_step()->set_step(step);
    record.mutable_train_step()->set_mean_of_steps(mean_of);
    record.mutable_train_step()->set_loss(
        static_cast<double>(100 * attempt + step));
    return Frame(record);
  }
  static std::string Score(int attempt, int64_t step) {
    MetricRecord record;
    record.mutable_validation()->set_step(step);
    record.mutable_validation()->set_split("val");
    record.mutable_validation()->set_giou(0.1 * attempt);
    return Frame(record);
  }

  std::map<int, std::string> paths;

 private:
  static std::string Frame(const MetricRecord& record) {
    return EncodeFrame(record.SerializeAsString());
  }
  const std::string dir_;
};

std::vector<double> Losses(const TrainingSeries& series) {
  std::vector<double> losses;
  for (const TrainStep& step : series.steps) losses.push_back(step.loss());
  return losses;
}

std::vector<double> Scores(const TrainingSeries& series) {
  std::vector<double> scores;
  for (const Validation& each : series.validations) {
    scores.push_back(10 * each.giou());
  }
  return scores;
}

TEST(TrainingSeries, OfOneAttemptIsItsLog) {
  Logs logs;
  logs.Add(1, 0, 6);
  ASSERT_OK_AND_ASSIGN(const TrainingSeries series,
                       ReadTrainingSeries(logs.paths));
  EXPECT_THAT(Losses(series), ElementsAre(102, 104, 106));
  EXPECT_THAT(Scores(series), ElementsAre(1));
  EXPECT_THAT(series.problems, IsEmpty());
  ASSERT_THAT(series.parts, SizeIs(1));
  EXPECT_EQ(series.parts[0].end, 6);
  EXPECT_EQ(series.parts[0].start_unix_us, 1000000);
}

// Each step once, from the attempt whose checkpoint was gone on from.
TEST(TrainingSeries, LeavesOutWhatWasLostWithAnAttempt) {
  Logs logs;
  logs.Add(1, 0, 9);
  // Between two records: the record of step 6 covers one step of each.
  logs.Add(2, 5, 12, 1);
  // Began again, for no checkpoint could be read; nobody goes on from it.
  logs.Add(3, 0, 20);
  logs.Add(4, 8, 10, 2);
  logs.Write(5, Logs::Begin(5));
  ASSERT_OK_AND_ASSIGN(const TrainingSeries series,
                       ReadTrainingSeries(logs.paths));
  EXPECT_THAT(Losses(series), ElementsAre(102, 104, 206, 208, 410));
  // That of step 8 was there when attempt 4 began.
  EXPECT_THAT(Scores(series), ElementsAre(1, 2));
  EXPECT_THAT(series.problems, IsEmpty());
  ASSERT_THAT(series.parts, SizeIs(3));
  EXPECT_EQ(series.parts[1].attempt, 2);
  EXPECT_EQ(series.parts[1].begin, 5);
  EXPECT_EQ(series.parts[1].end, 8);
  EXPECT_EQ(series.parts[2].end, 10);

  ASSERT_OK_AND_ASSIGN(const TrainingSeries third,
                       ReadTrainingSeries(logs.paths, 3));
  EXPECT_THAT(third.steps, SizeIs(10));
  EXPECT_EQ(third.steps[0].loss(), 302);
}

// The checkpoint of step 8 came before the validation of step 8.
TEST(TrainingSeries, HasAValidationThatTheNextAttemptMade) {
  Logs logs;
  logs.Add(1, 0, 7);
  logs.Write(1, logs.Read(1) + Logs::Step(1, 8));
  logs.Write(2, Logs::Begin(2) + Logs::ResumedAt(8, 1) + Logs::Score(2, 8) +
                    Logs::Step(2, 10));
  ASSERT_OK_AND_ASSIGN(const TrainingSeries series,
                       ReadTrainingSeries(logs.paths));
  EXPECT_THAT(Scores(series), ElementsAre(1, 2));
  EXPECT_THAT(Losses(series), ElementsAre(102, 104, 106, 108, 210));
}

TEST(TrainingSeries, NothingLoggedIsAnEmptySeries) {
  Logs logs;
  EXPECT_THAT(ReadTrainingSeries({})->steps, IsEmpty());
  logs.Write(1, Logs::Begin(1));
  logs.paths[2] = "/no/such.metrics";
  ASSERT_OK_AND_ASSIGN(const TrainingSeries series,
                       ReadTrainingSeries(logs.paths));
  EXPECT_THAT(series.parts, IsEmpty());
}

TEST(TrainingSeries, TellsTornTailsAndStepsThatAreMissing) {
  Logs logs;
  logs.Add(1, 0, 6);
  logs.Write(1, logs.Read(1) + Logs::Step(1, 8).substr(0, 20));
  logs.Add(2, 8, 12, 1);
  ASSERT_OK_AND_ASSIGN(const TrainingSeries series,
                       ReadTrainingSeries(logs.paths));
  EXPECT_THAT(Losses(series), ElementsAre(102, 104, 106, 210, 212));
  EXPECT_THAT(series.problems,
              ElementsAre(AllOf(HasSubstr(logs.paths[1]),
                                HasSubstr("ends within a record")),
                          HasSubstr("no record covers the steps 7 to 8")));
}

TEST(TrainingSeries, TellsARecordThatSpeaksOfStepsTwice) {
  Logs logs;
  logs.Write(1, Logs::Begin(1) + Logs::Step(1, 4, 4) + Logs::Step(1, 6, 3));
  ASSERT_OK_AND_ASSIGN(const TrainingSeries series,
                       ReadTrainingSeries(logs.paths));
  EXPECT_THAT(series.problems,
              ElementsAre(HasSubstr("covers the steps 4 to 4 a second time")));
}

// Before records were means.
TEST(TrainingSeries, OfOlderLogsSaysNothingOfWhatTheyCover) {
  Logs logs;
  logs.Write(1, Logs::Begin(1) + Logs::Step(1, 10, 0) + Logs::Step(1, 30, 0));
  ASSERT_OK_AND_ASSIGN(const TrainingSeries series,
                       ReadTrainingSeries(logs.paths));
  EXPECT_THAT(series.problems, IsEmpty());
  EXPECT_THAT(Losses(series), ElementsAre(110, 130));
}

TEST(TrainingSeries, IsNoneWhereALogItNeedsIsBroken) {
  const auto series_is = [](const Logs& logs, int last,
                            const std::string& problem) {
    EXPECT_THAT(ReadTrainingSeries(logs.paths, last),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr(problem)));
  };
  Logs logs;
  logs.Add(1, 0, 8);
  logs.Add(2, 6, 12, 1);
  ASSERT_THAT(ReadTrainingSeries(logs.paths), IsOk());
  series_is(logs, 3, "attempt 3, which is not there");

  const std::string good = logs.Read(1);
  std::string bad = good;
  bad[bad.size() / 2] ^= 1;
  logs.Write(1, bad);
  series_is(logs, 0, logs.paths[1]);
  logs.Write(1, Logs::Begin(3) + good.substr(Logs::Begin(1).size()));
  series_is(logs, 0, "is of attempt 3, rank 0; expected is attempt 1");
  logs.Write(1, Logs::Begin(1, "b") + good.substr(Logs::Begin(1).size()));
  series_is(logs, 0, "is of another job than");
  logs.Write(1, good + Logs::Step(1, 4));
  series_is(logs, 0, "has step 4 after step 8");
  logs.Write(1, "");
  series_is(logs, 0, "does not begin with a header");
  const std::string path = logs.paths[1];
  logs.paths[1] = "/no/such.metrics";
  series_is(logs, 0,
            "attempt 2 goes on from step 6 of attempt 1, whose metric log "
            "'/no/such.metrics' is missing");
  logs.paths[1] = path;
  logs.Write(1, good);
  ASSERT_THAT(ReadTrainingSeries(logs.paths), IsOk());

  logs.Write(2, Logs::Begin(2) + Logs::ResumedAt(6, 2));
  series_is(logs, 0, "goes on from step 6 of attempt 2, which cannot be");
  // The newest log decides where the series ends, so it may not be passed over.
  std::string newest = Logs::Begin(2) + Logs::Step(2, 2) + Logs::Step(2, 4);
  newest[newest.size() - 40] ^= 1;
  logs.Write(2, newest);
  series_is(logs, 0, logs.paths[2]);
}

}  // namespace
}  // namespace transect
