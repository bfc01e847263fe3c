#include "metrics/event_file.h"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "metrics/event_file.pb.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// CRC-32C bit by bit, as RFC 3720 defines it: nothing of it is shared with what
// wrote the file.
uint32_t BitwiseCrc(absl::string_view bytes) {
  uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) {
      crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
    }
  }
  return ~crc;
}

uint32_t Masked(uint32_t crc) { return (crc >> 15 | crc << 17) + 0xa282ead8; }

uint64_t LittleEndian(absl::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = bytes.size(); i > 0; --i) {
    value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  }
  return value;
}

// The payloads of a file whose checksums are right.
std::vector<std::string> Payloads(absl::string_view file) {
  std::vector<std::string> payloads;
  while (file.size() >= 16) {
    const uint64_t length = LittleEndian(file.substr(0, 8));
    EXPECT_EQ(LittleEndian(file.substr(8, 4)),
              Masked(BitwiseCrc(file.substr(0, 8))));
    if (length + 16 > file.size()) break;
    const absl::string_view payload = file.substr(12, length);
    EXPECT_EQ(LittleEndian(file.substr(12 + length, 4)),
              Masked(BitwiseCrc(payload)));
    payloads.emplace_back(payload);
    file.remove_prefix(length + 16);
  }
  EXPECT_THAT(file, IsEmpty());
  return payloads;
}

std::string Hex(absl::string_view bytes) {
  return absl::BytesToHexString(bytes);
}

// Two attempts; the second goes on from step 15, between two records.
TrainingSeries Series() {
  TrainingSeries series;
  series.parts = {{1, "one", 0, 15, 1'700'000'000'500'000},
                  {2, "two", 15, 20, 1'700'000'100'000'000}};
  for (const int64_t at : {10, 20}) {
    TrainStep step;
    step.set_step(at);
    step.set_mean_of_steps(10);
    step.set_loss(5.0 / static_cast<double>(at));
    step.set_lr(0.25);
    if (at == 10) step.set_gradient_norm(3);
    step.set_step_seconds(0.5);
    step.set_images_per_second(64);
    step.set_data_seconds(0.125);
    step.set_peak_memory_bytes(1 << 20);
    series.steps.push_back(step);
  }
  Validation validation;
  validation.set_step(10);
  validation.set_split("val");
  validation.set_giou(0.5);
  validation.set_ciou(0.75);
  series.validations = {validation};
  return series;
}

// The bytes that TensorBoard 2.21 writes for the same events.
TEST(EventFile, HasTheBytesOfTensorBoard) {
  EventFileEvent event;
  event.set_wall_time(1.5);
  event.set_file_version("brain.Event:2");
  EXPECT_EQ(Hex(event.SerializeAsString()),
            "09000000000000f83f1a0d627261696e2e4576656e743a32");
  event.clear_file_version();
  event.set_step(300);
  EventFileSummary::Value* const value = event.mutable_summary()->add_value();
  value->set_tag("train/loss");
  value->set_simple_value(0.25);
  EXPECT_EQ(Hex(EncodeTfRecord(event.SerializeAsString())),
            "2100000000000000017becf609000000000000f83f10ac022a130a110a0a747261"
            "696e2f6c6f7373150000803e6557981f");
  EXPECT_EQ(BitwiseCrc("123456789"), 0xe3069283u);
}

TEST(EventFile, HoldsEveryCurveAtItsStepAndTime) {
  EXPECT_EQ(EventFileName(Series()), "events.out.tfevents.1700000000.transect");
  const std::vector<std::string> payloads = Payloads(EventFileOf(Series()));
  std::vector<std::string> points;
  std::vector<double> times;
  for (const std::string& payload : payloads) {
    EventFileEvent event;
    ASSERT_TRUE(event.ParseFromString(payload));
    times.push_back(event.wall_time() - 1'700'000'000);
    if (event.has_file_version()) points.push_back(event.file_version());
    for (const EventFileSummary::Value& value : event.summary().value()) {
      points.push_back(absl::StrCat(event.step(), " ", value.tag(), " ",
                                    value.simple_value()));
    }
  }
  EXPECT_THAT(
      points,
      ElementsAre(
          "brain.Event:2", "10 train/loss 0.5", "10 train/lr 0.25",
          "10 train/gradient_norm 3", "10 train/step_seconds 0.5",
          "10 train/images_per_second 64", "10 train/data_seconds 0.125",
          "10 train/peak_memory_bytes 1.04858e+06",
          "10 validation/val/giou 0.5", "10 validation/val/ciou 0.75",
          "20 train/loss 0.25", "20 train/lr 0.25", "20 train/step_seconds 0.5",
          "20 train/images_per_second 64", "20 train/data_seconds 0.125",
          "20 train/peak_memory_bytes 1.04858e+06"));
  // The second attempt made 5 of the steps of its record.
  EXPECT_THAT(times, ElementsAre(0.5, 5.5, 5.5, 102.5));
}

TEST(EventFile, OfNothingIsItsVersion) {
  EXPECT_THAT(Payloads(EventFileOf(TrainingSeries())), SizeIs(1));
}

TEST(EventFile, TensorBoardReadsIt) {
  if (std::system("python3 -c 'import tensorboard' > /dev/null 2>&1") != 0) {
    GTEST_SKIP() << "python3 has no package tensorboard here; checksums and "
                    "bytes are compared with its own in the other tests";
  }
  const std::string dir = absl::StrCat(testing::TempDir(), "/board");
  ASSERT_THAT(MakeDirs(dir), IsOk());
  ASSERT_THAT(WriteFile(absl::StrCat(dir, "/", EventFileName(Series())),
                        EventFileOf(Series())),
              IsOk());
  const std::string out = absl::StrCat(testing::TempDir(), "/board.txt");
  ASSERT_EQ(
      std::system(absl::StrCat("python3 tests/metrics/read_event_file.py ", dir,
                               " > ", out)
                      .c_str()),
      0);
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(out));
  EXPECT_THAT(
      absl::StrSplit(text, '\n', absl::SkipEmpty()),
      ElementsAre(
          "train/data_seconds 10 0.125 5.5",
          "train/data_seconds 20 0.125 102.5", "train/gradient_norm 10 3.0 5.5",
          "train/images_per_second 10 64.0 5.5",
          "train/images_per_second 20 64.0 102.5", "train/loss 10 0.5 5.5",
          "train/loss 20 0.25 102.5", "train/lr 10 0.25 5.5",
          "train/lr 20 0.25 102.5", "train/peak_memory_bytes 10 1048576.0 5.5",
          "train/peak_memory_bytes 20 1048576.0 102.5",
          "train/step_seconds 10 0.5 5.5", "train/step_seconds 20 0.5 102.5",
          "validation/val/ciou 10 0.75 5.5", "validation/val/giou 10 0.5 5.5"));
}

}  // namespace
}  // namespace transect
