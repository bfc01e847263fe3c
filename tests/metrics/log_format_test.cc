#include "metrics/log_format.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "metrics/log_reader.h"
#include "metrics/log_writer.h"
#include "metrics/metric_log.pb.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

// The example of FORMAT.md.
struct Example {
  std::vector<MetricRecord> records;
  std::string bytes;
  // The offsets that the table prints are those of its bytes.
  bool offsets_right = true;
};

Example ReadExample() {
  Example example;
  const absl::StatusOr<std::string> text = ReadFile("metrics/FORMAT.md");
  EXPECT_THAT(text, IsOk());
  const std::vector<absl::string_view> blocks = absl::StrSplit(*text, "```\n");
  EXPECT_EQ(blocks.size(), 5) << "two blocks of code are expected";
  for (absl::string_view line :
       absl::StrSplit(blocks.at(1), '\n', absl::SkipEmpty())) {
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        std::string(line), &example.records.emplace_back()));
  }
  for (absl::string_view line :
       absl::StrSplit(blocks.at(3), '\n', absl::SkipEmpty())) {
    const std::string offset = absl::HexStringToBytes(line.substr(0, 2));
    example.offsets_right &=
        static_cast<uint8_t>(offset[0]) == example.bytes.size();
    const absl::string_view digits = line.substr(4, line.find("  ", 4) - 4);
    for (absl::string_view byte :
         absl::StrSplit(digits, ' ', absl::SkipEmpty())) {
      example.bytes += absl::HexStringToBytes(byte);
    }
  }
  return example;
}

TEST(MetricLogFormat, ExampleOfTheDocumentIsWhatTheWriterWrites) {
  const Example example = ReadExample();
  ASSERT_EQ(example.records.size(), 2);
  EXPECT_TRUE(example.offsets_right);
  const std::string path = absl::StrCat(testing::TempDir(), "/example.metrics");
  ASSERT_OK_AND_ASSIGN(auto writer, MetricLogWriter::Create(path));
  for (const MetricRecord& record : example.records) {
    ASSERT_THAT(writer->Append(record), IsOk());
  }
  ASSERT_THAT(writer->Close(), IsOk());
  EXPECT_THAT(ReadFile(path), IsOkAndHolds(example.bytes));
}

TEST(MetricLogFormat, ExampleOfTheDocumentIsReadAsItsRecords) {
  const Example example = ReadExample();
  ASSERT_OK_AND_ASSIGN(const MetricLog log,
                       ParseMetricLog(example.bytes, "FORMAT.md"));
  EXPECT_FALSE(log.torn_tail);
  ASSERT_EQ(log.records.size(), 2);
  EXPECT_THAT(log.records[0], EqualsProto(example.records[0]));
  EXPECT_THAT(log.records[1], EqualsProto(example.records[1]));
}

TEST(MetricLogFormat, FrameComesBackWithWhatFollowsLeftAlone) {
  const std::string frame = EncodeFrame("payload");
  EXPECT_EQ(frame.size(), kMetricLogFrameHeaderBytes + 7);
  const std::string bytes = frame + "next";
  const LogPiece piece = DecodeFrame(bytes);
  EXPECT_EQ(piece.state, LogPiece::State::kComplete);
  EXPECT_EQ(piece.payload, "payload");
  EXPECT_EQ(piece.bytes, frame.size());
}

TEST(MetricLogFormat, EveryPrefixOfAFrameIsIncomplete) {
  const std::string frame = EncodeFrame("payload");
  for (size_t size = 1; size < frame.size(); ++size) {
    EXPECT_EQ(DecodeFrame(absl::string_view(frame).substr(0, size)).state,
              LogPiece::State::kIncomplete)
        << size;
  }
}

TEST(MetricLogFormat, LongestPayloadComesBack) {
  const std::string payload(kMaxMetricRecordBytes, 'x');
  const std::string frame = EncodeFrame(payload);
  EXPECT_EQ(DecodeFrame(frame).payload, payload);
}

TEST(MetricLogFormat, LengthOutOfRangeIsDamageEvenWithARightChecksum) {
  // Length 0 and 67,174,401, each with its CRC-32C (from an independent
  // bitwise implementation).
  const std::string zero = absl::HexStringToBytes("00000000c74b674800000000");
  EXPECT_EQ(DecodeFrame(zero).state, LogPiece::State::kDamaged);
  EXPECT_THAT(DecodeFrame(zero).problem, HasSubstr("is 0 bytes"));
  const std::string large = absl::HexStringToBytes("0100010417ee1a4100000000");
  EXPECT_EQ(DecodeFrame(large).state, LogPiece::State::kDamaged);
  EXPECT_THAT(DecodeFrame(large).problem, HasSubstr("is 67174401 bytes"));
}

TEST(MetricLogFormat, ZeroBytesToTheEndAreATornTail) {
  for (const size_t size : {1, 11, 12, 13, 4096}) {
    EXPECT_EQ(DecodeFrame(std::string(size, '\0')).state,
              LogPiece::State::kIncomplete);
  }
  EXPECT_EQ(DecodeFrame(std::string(20, '\0') + "x").state,
            LogPiece::State::kDamaged);
  EXPECT_EQ(DecodeMetricLogHeader(std::string(30, '\0')).state,
            LogPiece::State::kIncomplete);
}

TEST(MetricLogFormat, OtherFilesAndVersionsAreNamed) {
  EXPECT_THAT(DecodeMetricLogHeader("{\"loss\": 1}\n").problem,
              HasSubstr("not a metric log"));
  EXPECT_THAT(DecodeMetricLogHeader("x").problem,
              HasSubstr("not a metric log"));
  std::string header = EncodeMetricLogHeader();
  header[8] = 9;
  const LogPiece piece = DecodeMetricLogHeader(header);
  EXPECT_EQ(piece.state, LogPiece::State::kDamaged);
  EXPECT_EQ(piece.problem, "version 9; this program reads version 1");
}

TEST(MetricLogFormat, EveryPrefixOfTheHeaderIsIncomplete) {
  const std::string header = EncodeMetricLogHeader();
  ASSERT_EQ(header.size(), kMetricLogHeaderBytes);
  for (size_t size = 0; size < header.size(); ++size) {
    EXPECT_EQ(
        DecodeMetricLogHeader(absl::string_view(header).substr(0, size)).state,
        LogPiece::State::kIncomplete);
  }
}

}  // namespace
}  // namespace transect
