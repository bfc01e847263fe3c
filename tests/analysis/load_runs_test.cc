#include "analysis/load_runs.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/result.pb.h"
#include "metrics/log_writer.h"
#include "metrics/metric_log.pb.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

MetricRecord ItemRecord(int64_t id) {
  MetricRecord record;
  record.mutable_eval_item()->set_split("val");
  record.mutable_eval_item()->set_item_id(id);
  return record;
}

// A finished run of two ranks whose second attempt finished: rank 0 evaluated
// items 0, 2 and 4, rank 1 items 1 and 3.
class LoadEvaluationTest : public testing::Test {
 protected:
  void SetUp() override {
    dir_ = absl::StrCat(
        testing::TempDir(), "/",
        testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(dir_);
    ASSERT_THAT(MakeDirs(absl::StrCat(dir_, "/attempts/0002")), IsOk());
    result_.set_id("0123");
    result_.set_code("beef");
    result_.set_attempt(2);
    result_.set_ranks(2);
    result_.set_eval_items(5);
  }

  std::string LogPath(int rank) const {
    return absl::StrFormat("%s/attempts/0002/rank%05d.metrics", dir_, rank);
  }
  std::string ResultPath() const {
    return absl::StrCat(dir_, "/result.textproto");
  }
  void WriteResult() {
    ASSERT_THAT(WriteTextprotoAtomic(ResultPath(), result_), IsOk());
  }
  static LogHeader Header(int rank) {
    LogHeader header;
    header.set_id("0123");
    header.set_attempt(2);
    header.set_rank(rank);
    header.set_ranks(2);
    return header;
  }
  void WriteLog(int rank, const LogHeader& header,
                const std::vector<int64_t>& ids) {
    unlink(LogPath(rank).c_str());
    ASSERT_OK_AND_ASSIGN(auto writer, MetricLogWriter::Create(LogPath(rank)));
    MetricRecord first;
    *first.mutable_header() = header;
    ASSERT_THAT(writer->Append(first), IsOk());
    MetricRecord step;
    step.mutable_train_step()->set_step(10);
    ASSERT_THAT(writer->Append(step), IsOk());
    for (const int64_t id : ids) {
      ASSERT_THAT(writer->Append(ItemRecord(id)), IsOk());
    }
    ASSERT_THAT(writer->Close(), IsOk());
  }
  void WriteRun() {
    WriteLog(0, Header(0), {0, 2, 4});
    WriteLog(1, Header(1), {1, 3});
    WriteResult();
  }
  static auto Lost(const std::string& text) {
    return StatusIs(absl::StatusCode::kDataLoss, HasSubstr(text));
  }

  std::string dir_;
  Result result_;
};

TEST_F(LoadEvaluationTest, ItemsOfAllRanksComeTogetherInOrder) {
  WriteRun();
  ASSERT_OK_AND_ASSIGN(const LoadedEvaluation run, LoadEvaluation(dir_));
  EXPECT_EQ(run.result.code(), "beef");
  ASSERT_EQ(run.items->size(), 5);
  for (int64_t id = 0; id < 5; ++id) {
    EXPECT_EQ((*run.items)[static_cast<size_t>(id)].item_id(), id);
  }
}

TEST_F(LoadEvaluationTest, RunWithoutResultIsNotDone) {
  WriteRun();
  unlink(ResultPath().c_str());
  EXPECT_THAT(LoadEvaluation(dir_), StatusIs(absl::StatusCode::kNotFound,
                                             HasSubstr("result.textproto")));
}

TEST_F(LoadEvaluationTest, ResultThatCannotBeReadIsLocated) {
  WriteRun();
  ASSERT_THAT(WriteFileAtomic(ResultPath(), "id: \"0123\"\nattempd: 2\n"),
              IsOk());
  EXPECT_THAT(
      LoadEvaluation(dir_),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("result.textproto:2:"), HasSubstr("attempd"))));
}

TEST_F(LoadEvaluationTest, ResultOutOfRangeIsDataLoss) {
  WriteRun();
  const auto load_with = [this](auto change) {
    const Result good = result_;
    change(&result_);
    WriteResult();
    result_ = good;
    return LoadEvaluation(dir_);
  };
  EXPECT_THAT(load_with([](Result* r) { r->clear_id(); }),
              Lost("the id and the code"));
  EXPECT_THAT(load_with([](Result* r) { r->clear_code(); }),
              Lost("the id and the code"));
  EXPECT_THAT(load_with([](Result* r) { r->set_attempt(0); }),
              Lost("attempt 0"));
  EXPECT_THAT(load_with([](Result* r) { r->set_ranks(0); }), Lost("0 ranks"));
  EXPECT_THAT(load_with([](Result* r) { r->set_ranks(2'000'000'000); }),
              Lost("1 to 1024"));
}

TEST_F(LoadEvaluationTest, CountOfItemsMustBeThatOfTheResult) {
  result_.set_eval_items(6);
  WriteRun();
  EXPECT_THAT(LoadEvaluation(dir_), Lost("5 evaluated items"));
  result_.set_eval_items(4);
  WriteResult();
  EXPECT_THAT(LoadEvaluation(dir_), Lost("counts 4"));
}

TEST_F(LoadEvaluationTest, ItemOfTwoRanksIsDataLoss) {
  WriteRun();
  WriteLog(1, Header(1), {1, 4});
  EXPECT_THAT(LoadEvaluation(dir_), Lost("item 4 of split 'val' twice"));
}

TEST_F(LoadEvaluationTest, LogOfADoneRunMustBeThere) {
  WriteRun();
  unlink(LogPath(1).c_str());
  EXPECT_THAT(LoadEvaluation(dir_), Lost("rank00001.metrics' is missing"));
}

TEST_F(LoadEvaluationTest, LogOfADoneRunMustNotBeTornOrDamaged) {
  WriteRun();
  std::filesystem::resize_file(LogPath(1),
                               std::filesystem::file_size(LogPath(1)) - 1);
  EXPECT_THAT(LoadEvaluation(dir_), Lost("ends within a record"));
  std::ofstream(LogPath(1), std::ios::app) << "anything else";
  EXPECT_THAT(LoadEvaluation(dir_), Lost("is damaged at byte"));
}

TEST_F(LoadEvaluationTest, LogsOfOthersAreRefused) {
  WriteRun();
  const auto load_with = [this](auto change) {
    LogHeader header = Header(1);
    change(&header);
    WriteLog(1, header, {1, 3});
    return LoadEvaluation(dir_);
  };
  EXPECT_THAT(load_with([](LogHeader*) {}), IsOk());
  EXPECT_THAT(load_with([](LogHeader* h) { h->set_id("4567"); }),
              Lost("is of job 4567"));
  EXPECT_THAT(load_with([](LogHeader* h) { h->set_attempt(1); }),
              Lost("attempt 1"));
  EXPECT_THAT(load_with([](LogHeader* h) { h->set_rank(0); }), Lost("rank 0"));
  EXPECT_THAT(load_with([](LogHeader* h) { h->set_ranks(3); }), Lost("of 3"));
}

TEST_F(LoadEvaluationTest, LogWithoutHeaderIsRefused) {
  WriteRun();
  unlink(LogPath(1).c_str());
  ASSERT_OK_AND_ASSIGN(auto writer, MetricLogWriter::Create(LogPath(1)));
  ASSERT_THAT(writer->Append(ItemRecord(1)), IsOk());
  ASSERT_THAT(writer->Close(), IsOk());
  EXPECT_THAT(LoadEvaluation(dir_), Lost("does not begin with a header"));
}

}  // namespace
}  // namespace transect
