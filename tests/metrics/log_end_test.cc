#include "metrics/log_end.h"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "gtest/gtest.h"
#include "metrics/log_format.h"
#include "metrics/metric_log.pb.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

std::string Frame(const MetricRecord& record) {
  return EncodeFrame(record.SerializeAsString());
}

std::string Step(int64_t step) {
  MetricRecord record;
  record.mutable_train_step()->set_step(step);
  record.mutable_train_step()->set_steps(1'000'000);
  record.mutable_train_step()->set_loss(1.0 / static_cast<double>(step));
  return Frame(record);
}

std::string Scored(int items) {
  MetricRecord record;
  record.mutable_validation()->set_step(7);
  record.mutable_validation()->set_giou(0.25);
  for (int i = 0; i < items; ++i) {
    record.mutable_validation()->add_item_id(1'000'000'000'000 + i);
  }
  return Frame(record);
}

std::string Images(int64_t done) {
  MetricRecord record;
  record.mutable_progress()->set_what("images");
  record.mutable_progress()->set_done(done);
  return Frame(record);
}

// A file of these bytes.
std::string FileOf(absl::string_view bytes) {
  const std::string path = absl::StrCat(
      testing::TempDir(), "/",
      testing::UnitTest::GetInstance()->current_test_info()->name());
  EXPECT_THAT(WriteFileAtomic(path, bytes), IsOk());
  return path;
}

LogEnd EndOf(absl::string_view bytes) {
  const auto end = ReadLogEnd(FileOf(bytes));
  EXPECT_THAT(end.status(), IsOk());
  return end.value_or(LogEnd());
}

TEST(LogEndTest, ALogThatIsNotThereSaysNothing) {
  const auto end = ReadLogEnd(testing::TempDir() + "/no/such/log");
  ASSERT_THAT(end.status(), IsOk());
  EXPECT_FALSE(end->train_step.has_value());
  EXPECT_FALSE(EndOf("").train_step.has_value());
  EXPECT_FALSE(EndOf(EncodeMetricLogHeader()).train_step.has_value());
}

TEST(LogEndTest, TheLastRecordOfEachKindCounts) {
  const LogEnd end =
      EndOf(absl::StrCat(EncodeMetricLogHeader(), Step(1), Scored(3), Step(2)));
  ASSERT_TRUE(end.train_step.has_value());
  EXPECT_EQ(end.train_step->step(), 2);
  EXPECT_EQ(end.train_step->loss(), 0.5);
  ASSERT_TRUE(end.validation.has_value());
  EXPECT_EQ(end.validation->giou(), 0.25);
  EXPECT_FALSE(end.progress.has_value());
}

TEST(LogEndTest, WhetherProgressIsNewer) {
  const std::string header = EncodeMetricLogHeader();
  EXPECT_TRUE(
      EndOf(absl::StrCat(header, Step(1), Images(5))).progress_is_newer);
  EXPECT_FALSE(
      EndOf(absl::StrCat(header, Images(5), Step(1))).progress_is_newer);
}

// The end of a long log, wherever the first bytes that are read fall in a
// record.
TEST(LogEndTest, ReadsTheEndOfALongLog) {
  std::string log = EncodeMetricLogHeader();
  int64_t step = 0;
  while (static_cast<int64_t>(log.size()) < 3 * kLogEndBytes) {
    log += Step(++step);
  }
  for (int cut = 0; cut < 60; ++cut) {
    const LogEnd end = EndOf(absl::StrCat(log, std::string(cut, '\0')));
    ASSERT_TRUE(end.train_step.has_value()) << cut;
    EXPECT_EQ(end.train_step->step(), step) << cut;
  }
}

TEST(LogEndTest, ATornRecordIsNotRead) {
  const std::string log =
      absl::StrCat(EncodeMetricLogHeader(), Step(1), Step(2));
  for (size_t cut = 1; cut < Step(2).size(); ++cut) {
    const LogEnd end = EndOf(log.substr(0, log.size() - cut));
    ASSERT_TRUE(end.train_step.has_value()) << cut;
    EXPECT_EQ(end.train_step->step(), 1) << cut;
  }
}

// A record that is longer than what is read at first.
TEST(LogEndTest, FindsALongLastRecord) {
  const std::string longest = Scored(40'000);
  ASSERT_GT(static_cast<int64_t>(longest.size()), 2 * kLogEndBytes);
  const LogEnd end =
      EndOf(absl::StrCat(EncodeMetricLogHeader(), Step(1), longest));
  ASSERT_TRUE(end.validation.has_value());
  EXPECT_EQ(end.validation->item_id_size(), 40'000);
}

TEST(LogEndTest, NoRecordInForeignBytes) {
  const LogEnd end = EndOf(std::string(200'000, 'x'));
  EXPECT_FALSE(end.train_step.has_value());
  EXPECT_FALSE(end.progress.has_value());
}

}  // namespace
}  // namespace transect
