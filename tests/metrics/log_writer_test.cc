#include "metrics/log_writer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/log_format.h"
#include "metrics/log_reader.h"
#include "metrics/metric_log.pb.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::string FreshPath() {
  const std::string path = absl::StrCat(
      testing::TempDir(), "/",
      testing::UnitTest::GetInstance()->current_test_info()->name(),
      ".metrics");
  unlink(path.c_str());
  return path;
}

MetricRecord EventRecord(absl::string_view text) {
  MetricRecord record;
  record.mutable_event()->set_text(std::string(text));
  return record;
}

// The descriptor with which this process has `path` open.
int DescriptorOf(const std::string& path) {
  struct stat wanted;
  EXPECT_EQ(stat(path.c_str(), &wanted), 0);
  for (int fd = 3; fd < 1024; ++fd) {
    struct stat found;
    if (fstat(fd, &found) == 0 && found.st_dev == wanted.st_dev &&
        found.st_ino == wanted.st_ino) {
      return fd;
    }
  }
  ADD_FAILURE() << path << " is not open";
  return -1;
}

// Redirects the writer of `path` to the device whose writes fail with ENOSPC.
void FillDiskOf(const std::string& path) {
  const int full = open("/dev/full", O_WRONLY);
  ASSERT_GE(full, 0);
  ASSERT_GE(dup2(full, DescriptorOf(path)), 0);
  close(full);
}

TEST(MetricLogWriter, RecordsComeBackInOrder) {
  const std::string path = FreshPath();
  ASSERT_OK_AND_ASSIGN(auto writer, MetricLogWriter::Create(path));
  for (int i = 0; i < 100; ++i) {
    ASSERT_THAT(writer->Append(EventRecord(absl::StrCat("event ", i))), IsOk());
  }
  ASSERT_THAT(writer->Close(), IsOk());
  ASSERT_OK_AND_ASSIGN(const MetricLog log, ReadMetricLog(path));
  ASSERT_EQ(log.records.size(), 100);
  EXPECT_EQ(log.records[0].event().text(), "event 0");
  EXPECT_EQ(log.records[99].event().text(), "event 99");
  EXPECT_FALSE(log.torn_tail);
  EXPECT_EQ(log.torn_bytes, 0);
}

TEST(MetricLogWriter, AppendedRecordsAreReadableBeforeSyncAndClose) {
  const std::string path = FreshPath();
  ASSERT_OK_AND_ASSIGN(auto writer, MetricLogWriter::Create(path));
  ASSERT_THAT(writer->Append(EventRecord("kept")), IsOk());
  ASSERT_OK_AND_ASSIGN(const MetricLog log, ReadMetricLog(path));
  ASSERT_EQ(log.records.size(), 1);
  EXPECT_FALSE(log.torn_tail);
}

TEST(MetricLogWriter, NewLogWithoutRecordsIsWhole) {
  const std::string path = FreshPath();
  ASSERT_THAT(MetricLogWriter::Create(path), IsOk());
  ASSERT_OK_AND_ASSIGN(const MetricLog log, ReadMetricLog(path));
  EXPECT_TRUE(log.records.empty());
  EXPECT_FALSE(log.torn_tail);
}

TEST(MetricLogWriter, ExistingLogIsRefusedAndUntouched) {
  const std::string path = FreshPath();
  {
    ASSERT_OK_AND_ASSIGN(auto writer, MetricLogWriter::Create(path));
    ASSERT_THAT(writer->Append(EventRecord("first")), IsOk());
  }
  EXPECT_THAT(MetricLogWriter::Create(path),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr(path)));
  ASSERT_OK_AND_ASSIGN(const MetricLog log, ReadMetricLog(path));
  EXPECT_EQ(log.records.size(), 1);
}

TEST(MetricLogWriter, MissingDirectoryIsNotFoundAndNamesThePath) {
  const std::string path =
      absl::StrCat(testing::TempDir(), "/no such directory/rank.metrics");
  EXPECT_THAT(MetricLogWriter::Create(path),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr(path)));
}

TEST(MetricLogWriter, EmptyAndHugeRecordsAreRefusedAndTheLogStaysUsable) {
  const std::string path = FreshPath();
  ASSERT_OK_AND_ASSIGN(auto writer, MetricLogWriter::Create(path));
  EXPECT_THAT(writer->Append(MetricRecord()),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("0 bytes"), HasSubstr(path))));
  EXPECT_THAT(
      writer->Append(EventRecord(std::string(kMaxMetricRecordBytes, 'x'))),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("67174400")));
  EXPECT_THAT(writer->Append(EventRecord("small")), IsOk());
  ASSERT_THAT(writer->Close(), IsOk());
  ASSERT_OK_AND_ASSIGN(const MetricLog log, ReadMetricLog(path));
  EXPECT_EQ(log.records.size(), 1);
}

// As for an image of 1,500 x 2,000 pixels that is all noise.
TEST(MetricLogWriter, TheRecordOfALargeMaskComesBack) {
  const std::string path = FreshPath();
  ASSERT_OK_AND_ASSIGN(auto writer, MetricLogWriter::Create(path));
  MetricRecord record;
  record.mutable_predicted_mask()->set_counts(std::string(3'000'000, '1'));
  EXPECT_THAT(writer->Append(record), IsOk());
  EXPECT_THAT(writer->Append(EventRecord("after")), IsOk());
  ASSERT_THAT(writer->Close(), IsOk());
  ASSERT_OK_AND_ASSIGN(const MetricLog log, ReadMetricLog(path));
  ASSERT_EQ(log.records.size(), 2);
  EXPECT_EQ(log.records[0].predicted_mask().counts().size(), 3'000'000);
}

TEST(MetricLogWriter, FullDiskIsAStatusThatStaysAndKeepsWhatWasWritten) {
  const std::string path = FreshPath();
  ASSERT_OK_AND_ASSIGN(auto writer, MetricLogWriter::Create(path));
  ASSERT_THAT(writer->Append(EventRecord("kept")), IsOk());
  FillDiskOf(path);
  const auto full = StatusIs(absl::StatusCode::kResourceExhausted,
                             AllOf(HasSubstr(path), HasSubstr("No space")));
  EXPECT_THAT(writer->Append(EventRecord("lost")), full);
  EXPECT_THAT(writer->Append(EventRecord("lost too")), full);
  EXPECT_THAT(writer->Sync(), full);
  EXPECT_THAT(writer->Close(), full);
  ASSERT_OK_AND_ASSIGN(const MetricLog log, ReadMetricLog(path));
  ASSERT_EQ(log.records.size(), 1);
  EXPECT_EQ(log.records[0].event().text(), "kept");
}

TEST(MetricLogWriter, ClosedLogTakesNoMoreAndClosesAgain) {
  ASSERT_OK_AND_ASSIGN(auto writer, MetricLogWriter::Create(FreshPath()));
  EXPECT_THAT(writer->Sync(), IsOk());
  EXPECT_THAT(writer->Close(), IsOk());
  EXPECT_THAT(writer->Close(), IsOk());
  EXPECT_THAT(
      writer->Append(EventRecord("late")),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("is closed")));
  EXPECT_THAT(writer->Sync(), StatusIs(absl::StatusCode::kFailedPrecondition,
                                       HasSubstr("is closed")));
}

}  // namespace
}  // namespace transect
