#include "metrics/log_reader.h"

#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "metrics/log_format.h"
#include "metrics/metric_log.pb.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

MetricRecord Step(int64_t step) {
  MetricRecord record;
  record.mutable_train_step()->set_step(step);
  record.mutable_train_step()->set_loss(1.0 / static_cast<double>(step));
  return record;
}

std::string FrameOf(const MetricRecord& record) {
  return EncodeFrame(record.SerializeAsString());
}

// A log of steps 1 to `steps`.
std::string LogOf(int steps) {
  std::string log = EncodeMetricLogHeader();
  for (int i = 1; i <= steps; ++i) {
    log += FrameOf(Step(i));
  }
  return log;
}

// A file that grows.
class GrowingFile {
 public:
  GrowingFile()
      : path_(absl::StrCat(
            testing::TempDir(), "/",
            testing::UnitTest::GetInstance()->current_test_info()->name())) {
    unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }
  void Append(absl::string_view bytes) { Write(bytes, "ab"); }
  void Replace(absl::string_view bytes) { Write(bytes, "wb"); }

 private:
  void Write(absl::string_view bytes, const char* mode) {
    FILE* file = fopen(path_.c_str(), mode);
    ASSERT_NE(file, nullptr);
    ASSERT_EQ(fwrite(bytes.data(), 1, bytes.size(), file), bytes.size());
    ASSERT_EQ(fclose(file), 0);
  }
  std::string path_;
};

TEST(ReadMetricLog, LogCutAtAnyByteGivesEveryWholeRecordAndSaysWhatIsLeft) {
  const std::string whole = LogOf(3);
  // Where the header and each record end.
  const std::vector<size_t> ends = {LogOf(0).size(), LogOf(1).size(),
                                    LogOf(2).size(), LogOf(3).size()};
  for (size_t size = 0; size <= whole.size(); ++size) {
    SCOPED_TRACE(size);
    size_t records = 0;
    while (records < 3 && ends[records + 1] <= size) {
      ++records;
    }
    const size_t good = size < ends[0] ? 0 : ends[records];
    ASSERT_OK_AND_ASSIGN(
        const MetricLog log,
        ParseMetricLog(absl::string_view(whole).substr(0, size), "log"));
    ASSERT_EQ(log.records.size(), records);
    for (size_t i = 0; i < records; ++i) {
      EXPECT_THAT(log.records[i], EqualsProto(Step(static_cast<int>(i) + 1)));
    }
    EXPECT_EQ(log.torn_bytes, static_cast<int64_t>(size - good));
    EXPECT_EQ(log.torn_tail, size == 0 || size != good);
  }
}

TEST(ReadMetricLog, AnyFlippedBitIsAnErrorWithTheOffsetOfItsRecord) {
  const std::string whole = LogOf(3);
  const std::vector<size_t> starts = {0, LogOf(0).size(), LogOf(1).size(),
                                      LogOf(2).size(), whole.size()};
  for (size_t piece = 0; piece + 1 < starts.size(); ++piece) {
    for (size_t byte = starts[piece]; byte < starts[piece + 1]; ++byte) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string damaged = whole;
        damaged[byte] = static_cast<char>(damaged[byte] ^ (1 << bit));
        EXPECT_THAT(
            ParseMetricLog(damaged, "a.metrics"),
            StatusIs(
                absl::StatusCode::kDataLoss,
                AllOf(HasSubstr("'a.metrics'"),
                      HasSubstr(absl::StrCat("at byte ", starts[piece], ":")))))
            << "byte " << byte << " bit " << bit;
      }
    }
  }
}

TEST(ReadMetricLog, AnyMissingByteInTheMiddleIsAnError) {
  const std::string whole = LogOf(3);
  for (size_t byte = 0; byte < LogOf(2).size(); ++byte) {
    std::string damaged = whole;
    damaged.erase(byte, 1);
    EXPECT_THAT(ParseMetricLog(damaged, "log"),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("at byte")))
        << byte;
  }
}

TEST(ReadMetricLog, ZeroBytesAfterAPowerCutAreATornTail) {
  ASSERT_OK_AND_ASSIGN(
      const MetricLog log,
      ParseMetricLog(LogOf(2) + std::string(4096, '\0'), "log"));
  EXPECT_THAT(log.records, SizeIs(2));
  EXPECT_TRUE(log.torn_tail);
  EXPECT_EQ(log.torn_bytes, 4096);
}

TEST(ReadMetricLog, PayloadThatIsNoMessageIsAnError) {
  // Field 1, length-delimited, 9 bytes of which none is there.
  const std::string log = LogOf(1) + EncodeFrame("\x0a\x09") + FrameOf(Step(2));
  EXPECT_THAT(ParseMetricLog(log, "log"),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(HasSubstr(absl::StrCat("byte ", LogOf(1).size())),
                             HasSubstr("MetricRecord"))));
}

TEST(ReadMetricLog, RecordFromTheFutureIsKeptAsUnknown) {
  MetricRecord future;
  future.GetReflection()->MutableUnknownFields(&future)->AddVarint(900, 42);
  const std::string log = LogOf(1) + FrameOf(future);
  ASSERT_OK_AND_ASSIGN(const MetricLog read, ParseMetricLog(log, "log"));
  ASSERT_THAT(read.records, SizeIs(2));
  EXPECT_EQ(read.records[1].record_case(), MetricRecord::RECORD_NOT_SET);
  EXPECT_EQ(read.records[1].SerializeAsString(), future.SerializeAsString());
}

TEST(ReadMetricLog, MissingFileIsNotFoundAndNamed) {
  EXPECT_THAT(ReadMetricLog("/no/such/rank00000.metrics"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("/no/such/rank00000.metrics")));
}

TEST(ReadMetricLog, FileIsReadAsItsBytes) {
  GrowingFile file;
  file.Append(LogOf(2));
  ASSERT_OK_AND_ASSIGN(const MetricLog log, ReadMetricLog(file.path()));
  EXPECT_THAT(log.records, SizeIs(2));
  file.Append("junk, more than a frame's head");
  EXPECT_THAT(ReadMetricLog(file.path()),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr(file.path())));
}

TEST(MetricLogTail, LogThatGrowsByteByByteGivesEachRecordOnce) {
  const std::string whole = LogOf(4);
  GrowingFile file;
  MetricLogTail tail(file.path());
  EXPECT_THAT(tail.Poll(), IsOkAndHolds(IsEmpty())) << "no file yet";
  std::vector<MetricRecord> seen;
  for (const char byte : whole) {
    file.Append(absl::string_view(&byte, 1));
    ASSERT_OK_AND_ASSIGN(const std::vector<MetricRecord> records, tail.Poll());
    seen.insert(seen.end(), records.begin(), records.end());
  }
  ASSERT_THAT(seen, SizeIs(4));
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(seen[static_cast<size_t>(i)], EqualsProto(Step(i + 1)));
  }
  EXPECT_EQ(tail.offset(), static_cast<int64_t>(whole.size()));
  EXPECT_THAT(tail.Poll(), IsOkAndHolds(IsEmpty()));
}

TEST(MetricLogTail, RecordsBeforeDamageComeFirstAndThenTheErrorForGood) {
  GrowingFile file;
  file.Append(LogOf(2));
  std::string damaged = FrameOf(Step(3));
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  file.Append(damaged);
  MetricLogTail tail(file.path());
  EXPECT_THAT(tail.Poll(), IsOkAndHolds(SizeIs(2)));
  const auto error = StatusIs(
      absl::StatusCode::kDataLoss,
      AllOf(HasSubstr(file.path()),
            HasSubstr(absl::StrCat("at byte ", LogOf(2).size(), ":"))));
  EXPECT_THAT(tail.Poll(), error);
  file.Append(FrameOf(Step(4)));
  EXPECT_THAT(tail.Poll(), error);
}

TEST(MetricLogTail, FileThatBecameShorterIsAnError) {
  GrowingFile file;
  file.Append(LogOf(3));
  MetricLogTail tail(file.path());
  EXPECT_THAT(tail.Poll(), IsOkAndHolds(SizeIs(3)));
  file.Replace(LogOf(1));
  EXPECT_THAT(tail.Poll(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("shorter")));
}

TEST(MetricLogTail, OtherFileIsAnError) {
  GrowingFile file;
  file.Append("step loss\n1 0.5\n");
  MetricLogTail tail(file.path());
  EXPECT_THAT(tail.Poll(), StatusIs(absl::StatusCode::kDataLoss,
                                    HasSubstr("not a metric log")));
}

}  // namespace
}  // namespace transect
