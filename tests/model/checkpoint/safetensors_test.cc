#include "model/checkpoint/safetensors.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

constexpr char kFixture[] =
    "tests/model/checkpoint/testdata/all_dtypes.safetensors";

std::string TempPath(const std::string& name) {
  return absl::StrCat(testing::TempDir(), "/", getpid(), "_", name);
}

// A file with this header and `data_size` zero bytes.
std::string FileWith(const std::string& json, uint64_t data_size) {
  const std::string path = TempPath("case.safetensors");
  const uint64_t length = json.size();
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(&length), 8);
  file << json << std::string(data_size, '\0');
  return path;
}

absl::Status OpenStatus(const std::string& json, uint64_t data_size) {
  const std::string path = FileWith(json, data_size);
  const absl::Status status = SafetensorsFile::Open(path).status();
  // The name of the file is part of every complaint.
  if (!status.ok()) {
    EXPECT_THAT(status.message(), HasSubstr(path));
  }
  return status;
}

auto Refused(const std::string& why) {
  return StatusIs(absl::StatusCode::kDataLoss, HasSubstr(why));
}

// The bytes that make_all_dtypes.py puts into a tensor.
std::string FixtureBytes(const SafetensorsInfo& tensor) {
  std::string bytes;
  for (uint64_t i = 0; i < tensor.end - tensor.begin; ++i) {
    bytes.push_back(static_cast<char>(
        tensor.dtype == SafetensorsDtype::kBool ? i % 2 : i * 37 + 11));
  }
  return bytes;
}

TEST(SafetensorsTest, ReadsWhatTheReferenceImplementationWrote) {
  ASSERT_OK_AND_ASSIGN(const SafetensorsFile file,
                       SafetensorsFile::Open(kFixture));
  EXPECT_THAT(file.metadata(), ElementsAre(Pair("format", "pt")));
  ASSERT_EQ(file.tensors().size(), 12u);
  for (const SafetensorsInfo& tensor : file.tensors()) {
    std::string bytes(tensor.end - tensor.begin, '\0');
    ASSERT_THAT(file.Read(tensor, absl::MakeSpan(bytes)), IsOk());
    EXPECT_EQ(bytes, FixtureBytes(tensor)) << tensor.name;
  }
  const SafetensorsInfo* y = file.Find("y.f32");
  ASSERT_NE(y, nullptr);
  EXPECT_EQ(y->dtype, SafetensorsDtype::kF32);
  EXPECT_THAT(y->shape, ElementsAre(3, 2));
  const SafetensorsInfo* empty = file.Find("empty.f32");
  ASSERT_NE(empty, nullptr);
  EXPECT_THAT(empty->shape, ElementsAre(0, 5));
  EXPECT_EQ(file.Find("scalar.f32")->shape.size(), 0u);
  EXPECT_NE(file.Find("bool \"quoted\"\n"), nullptr);
  EXPECT_EQ(file.Find("absent"), nullptr);
}

TEST(SafetensorsTest, WritesTheBytesOfTheReferenceImplementation) {
  ASSERT_OK_AND_ASSIGN(const SafetensorsFile fixture,
                       SafetensorsFile::Open(kFixture));
  std::vector<std::string> bytes;
  for (const SafetensorsInfo& t : fixture.tensors()) {
    bytes.push_back(FixtureBytes(t));
  }
  std::vector<SafetensorsSource> sources;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const SafetensorsInfo& t = fixture.tensors()[i];
    sources.push_back({t.name, t.dtype, t.shape, bytes[i]});
  }
  std::shuffle(sources.begin(), sources.end(), std::mt19937(1));
  const std::string path = TempPath("written.safetensors");
  ASSERT_THAT(WriteSafetensors(path, sources, {{"format", "pt"}}), IsOk());
  ASSERT_OK_AND_ASSIGN(const std::string written, ReadFile(path));
  ASSERT_OK_AND_ASSIGN(const std::string reference, ReadFile(kFixture));
  EXPECT_EQ(written, reference);
}

TEST(SafetensorsTest, RandomTensorsSurviveARoundTrip) {
  std::mt19937 random(7);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> bytes;
    std::vector<SafetensorsSource> sources;
    for (unsigned i = 0; i < random() % 8; ++i) {
      SafetensorsSource source;
      source.name = absl::StrCat("t", i, "\xc3\xa4\\");
      source.dtype = static_cast<SafetensorsDtype>(random() % 10);
      int64_t size = SafetensorsDtypeSize(source.dtype);
      for (unsigned d = 0; d < random() % 4; ++d) {
        source.shape.push_back(random() % 5);
        size *= source.shape.back();
      }
      bytes.emplace_back();
      for (int64_t b = 0; b < size; ++b) {
        bytes.back().push_back(static_cast<char>(random()));
      }
      sources.push_back(std::move(source));
    }
    for (size_t i = 0; i < bytes.size(); ++i) sources[i].bytes = bytes[i];
    const std::string path = TempPath("round.safetensors");
    ASSERT_THAT(WriteSafetensors(path, sources, {{"b", "2"}, {"a", "1"}}),
                IsOk());
    ASSERT_OK_AND_ASSIGN(const SafetensorsFile file,
                         SafetensorsFile::Open(path));
    EXPECT_THAT(file.metadata(), ElementsAre(Pair("a", "1"), Pair("b", "2")));
    ASSERT_EQ(file.tensors().size(), sources.size());
    for (size_t i = 0; i < sources.size(); ++i) {
      const SafetensorsInfo* info = file.Find(sources[i].name);
      ASSERT_NE(info, nullptr);
      EXPECT_EQ(info->dtype, sources[i].dtype);
      EXPECT_EQ(info->shape, sources[i].shape);
      std::string read(bytes[i].size(), '\0');
      ASSERT_THAT(file.Read(*info, absl::MakeSpan(read)), IsOk());
      EXPECT_EQ(read, bytes[i]);
    }
  }
}

TEST(SafetensorsTest, TheDataOfAWrittenFileIsAlignedTo8Bytes) {
  const std::string path = TempPath("aligned.safetensors");
  const std::string byte = "x";
  const std::string eight = "12345678";
  ASSERT_THAT(
      WriteSafetensors(path, {{"a", SafetensorsDtype::kU8, {1}, byte},
                              {"b", SafetensorsDtype::kI64, {1}, eight}}),
      IsOk());
  ASSERT_OK_AND_ASSIGN(const std::string written, ReadFile(path));
  EXPECT_EQ((written.size() - 9) % 8, 0u);
  ASSERT_OK_AND_ASSIGN(const SafetensorsFile file, SafetensorsFile::Open(path));
  EXPECT_EQ(file.Find("b")->begin, 0u);
}

// Rule 1.
TEST(SafetensorsTest, RefusesAHeaderLongerThanTheFile) {
  const std::string path = TempPath("long.safetensors");
  std::string bytes("\x03\0\0\0\0\0\0\0{}", 10);
  ASSERT_THAT(WriteFileAtomic(path, bytes), IsOk());
  EXPECT_THAT(SafetensorsFile::Open(path).status(),
              Refused("header length 3 is above 2 (the rest of the file)"));
  bytes[7] = '\xff';
  ASSERT_THAT(WriteFileAtomic(path, bytes), IsOk());
  EXPECT_THAT(SafetensorsFile::Open(path).status(), Refused("is above 2"));
}

TEST(SafetensorsTest, RefusesAHeaderAboveTheLimit) {
  const std::string path = TempPath("huge.safetensors");
  const uint64_t length = kMaxSafetensorsHeader + 1;
  ASSERT_THAT(WriteFileAtomic(path, {reinterpret_cast<const char*>(&length),
                                     sizeof(length)}),
              IsOk());
  // A hole: no disk space.
  ASSERT_EQ(truncate(path.c_str(), 2 * kMaxSafetensorsHeader), 0);
  EXPECT_THAT(SafetensorsFile::Open(path).status(),
              Refused("header length 100000001 is above 100000000"));
  std::remove(path.c_str());
}

TEST(SafetensorsTest, RefusesAFileWithoutRoomForALength) {
  const std::string path = TempPath("short.safetensors");
  ASSERT_THAT(WriteFileAtomic(path, "1234567"), IsOk());
  EXPECT_THAT(SafetensorsFile::Open(path).status(), Refused("has 7 bytes"));
}

// Rule 2.
TEST(SafetensorsTest, RefusesAHeaderThatDoesNotBeginWithABrace) {
  EXPECT_THAT(OpenStatus(" {}", 0), Refused("opening brace"));
  EXPECT_THAT(OpenStatus("", 0), Refused("opening brace"));
  EXPECT_THAT(OpenStatus("[]", 0), Refused("opening brace"));
}

TEST(SafetensorsTest, RefusesAHeaderThatIsNotJson) {
  EXPECT_THAT(OpenStatus("{\"a\":}", 0), Refused("not valid JSON"));
  EXPECT_THAT(OpenStatus("{} x", 0), Refused("not valid JSON"));
  EXPECT_THAT(OpenStatus("{", 0), Refused("not valid JSON"));
  EXPECT_THAT(OpenStatus(std::string(100'000, '{'), 0), Refused("not valid"));
}

TEST(SafetensorsTest, RefusesAHeaderThatIsNotUtf8) {
  EXPECT_THAT(OpenStatus("{\"\xff\":{\"dtype\":\"U8\",\"shape\":[1],"
                         "\"data_offsets\":[0,1]}}",
                         1),
              Refused("UTF-8"));
}

TEST(SafetensorsTest, AcceptsSpacesAfterTheHeader) {
  EXPECT_THAT(OpenStatus("{}      ", 0), IsOk());
}

TEST(SafetensorsTest, RefusesDuplicateKeys) {
  const std::string entry =
      "{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}";
  EXPECT_THAT(OpenStatus("{\"a\":" + entry + ",\"a\":" + entry + "}", 0),
              Refused("duplicate key \"a\""));
  EXPECT_THAT(OpenStatus("{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":"
                         "[0],\"data_offsets\":[0,0]}}",
                         0),
              Refused("duplicate key \"dtype\" in \"a\""));
  EXPECT_THAT(OpenStatus("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0),
              Refused("duplicate key \"k\""));
  EXPECT_THAT(OpenStatus("{\"__metadata__\":{},\"__metadata__\":{}}", 0),
              Refused("duplicate key \"__metadata__\""));
}

// Rule 3. A header of one tensor with these three values.
std::string One(const std::string& dtype, const std::string& shape,
                const std::string& offsets) {
  return absl::StrCat("{\"w\":{\"dtype\":", dtype, ",\"shape\":", shape,
                      ",\"data_offsets\":", offsets, "}}");
}

TEST(SafetensorsTest, AcceptsOneSoundTensor) {
  EXPECT_THAT(OpenStatus(One("\"F32\"", "[2]", "[0,8]"), 8), IsOk());
}

TEST(SafetensorsTest, RefusesUnknownDtypes) {
  EXPECT_THAT(OpenStatus(One("\"F33\"", "[2]", "[0,8]"), 8),
              Refused("\"F33\", which is none of BOOL, U8, I8, I16, F16, BF16, "
                      "I32, F32, F64, I64"));
  EXPECT_THAT(OpenStatus(One("4", "[2]", "[0,8]"), 8),
              Refused("dtype of tensor \"w\" holds the number 4"));
}

TEST(SafetensorsTest, RefusesASizeThatIsNotThatOfTheRange) {
  EXPECT_THAT(OpenStatus(One("\"F32\"", "[3]", "[0,8]"), 8),
              Refused("needs 12 bytes by dtype and shape but has 8"));
}

TEST(SafetensorsTest, RefusesAShapeWhoseProductOverflows) {
  EXPECT_THAT(OpenStatus(One("\"F32\"", "[4294967296,4294967296]", "[0,8]"), 8),
              Refused("above 2^64 - 1"));
  // 2^64 bytes wrap to 0.
  EXPECT_THAT(OpenStatus(One("\"F32\"", "[4611686018427387904]", "[0,0]"), 0),
              Refused("above 2^64 - 1"));
  EXPECT_THAT(OpenStatus(One("\"U8\"", "[9223372036854775808]", "[0,8]"), 8),
              Refused("above 2^63 - 1"));
}

TEST(SafetensorsTest, RefusesShapesAndOffsetsThatAreNoCounts) {
  EXPECT_THAT(OpenStatus(One("\"F32\"", "[-2]", "[0,8]"), 8),
              Refused("shape of tensor \"w\" holds the number -2"));
  EXPECT_THAT(OpenStatus(One("\"F32\"", "[2.0]", "[0,8]"), 8),
              Refused("shape of tensor \"w\" holds the number 2.0"));
  EXPECT_THAT(OpenStatus(One("\"F32\"", "[2]", "[0,1e30]"), 8),
              Refused("data_offsets of tensor \"w\" holds the number 1e30"));
  EXPECT_THAT(OpenStatus(One("\"F32\"", "[[2]]", "[0,8]"), 8),
              Refused("holds the array"));
  EXPECT_THAT(OpenStatus(One("\"F32\"", "null", "[0,8]"), 8),
              Refused("holds the null"));
  EXPECT_THAT(OpenStatus(One("\"F32\"", "true", "[0,8]"), 8),
              Refused("holds the true"));
  EXPECT_THAT(OpenStatus(One("\"F32\"", "{}", "[0,8]"), 8),
              Refused("holds the object"));
  EXPECT_THAT(OpenStatus(One("\"F32\"", "\"2\"", "[0,8]"), 8),
              Refused("holds the string \"2\""));
  EXPECT_THAT(OpenStatus(One("\"F32\"", "[2]", "[8]"), 8),
              Refused("has 1 values instead of 2"));
  EXPECT_THAT(OpenStatus(One("\"F32\"", "[2]", "[0,8,8]"), 8),
              Refused("more than 2 values"));
}

TEST(SafetensorsTest, RefusesMoreDimensionsThanPyTorchHas) {
  std::string shape = "[1";
  for (size_t i = 1; i < kMaxSafetensorsRank; ++i) shape += ",1";
  EXPECT_THAT(OpenStatus(One("\"U8\"", shape + "]", "[0,1]"), 1), IsOk());
  EXPECT_THAT(OpenStatus(One("\"U8\"", shape + ",1]", "[0,1]"), 1),
              Refused("more than 64 values"));
}

TEST(SafetensorsTest, RefusesEntriesWithMissingOrUnknownKeys) {
  EXPECT_THAT(OpenStatus("{\"w\":{\"dtype\":\"F32\",\"shape\":[0]}}", 0),
              Refused("tensor \"w\" has no data_offsets"));
  EXPECT_THAT(OpenStatus("{\"w\":{\"dtype\":\"F32\",\"shape\":[0],"
                         "\"data_offsets\":[0,0],\"extra\":1}}",
                         0),
              Refused("unknown key \"extra\" in \"w\""));
  EXPECT_THAT(OpenStatus("{\"w\":3}", 0),
              Refused("tensor \"w\" holds the number 3"));
}

// Rules 4 and 5. A header of two U8 tensors with these ranges.
std::string Two(int a_begin, int a_end, int b_begin, int b_end) {
  return absl::StrCat("{\"a\":{\"dtype\":\"U8\",\"shape\":[", a_end - a_begin,
                      "],\"data_offsets\":[", a_begin, ",", a_end,
                      "]},\"b\":{\"dtype\":\"U8\",\"shape\":[", b_end - b_begin,
                      "],\"data_offsets\":[", b_begin, ",", b_end, "]}}");
}

TEST(SafetensorsTest, AcceptsRangesInAnyOrder) {
  EXPECT_THAT(OpenStatus(Two(4, 8, 0, 4), 8), IsOk());
  EXPECT_THAT(OpenStatus(Two(0, 0, 0, 4), 4), IsOk());
}

TEST(SafetensorsTest, RefusesHoles) {
  EXPECT_THAT(OpenStatus(Two(0, 4, 5, 8), 8),
              Refused("\"b\" begins at 5 and leaves a hole"));
  EXPECT_THAT(OpenStatus(Two(1, 4, 4, 8), 8),
              Refused("\"a\" begins at 1 and leaves a hole"));
}

TEST(SafetensorsTest, RefusesOverlap) {
  EXPECT_THAT(OpenStatus(Two(0, 4, 3, 8), 8),
              Refused("\"b\" begins at 3 and overlaps"));
  EXPECT_THAT(OpenStatus(Two(0, 4, 0, 4), 4), Refused("overlaps"));
}

TEST(SafetensorsTest, RefusesARangeThatBeginsBehindItsEnd) {
  EXPECT_THAT(OpenStatus(One("\"F32\"", "[2]", "[8,0]"), 8),
              Refused("begins at 8, behind its end 0"));
}

TEST(SafetensorsTest, RefusesDataThatNoTensorCovers) {
  EXPECT_THAT(OpenStatus(Two(0, 4, 4, 8), 9),
              Refused("tensors end at 8 but 9 bytes follow"));
  EXPECT_THAT(OpenStatus(Two(0, 4, 4, 8), 7),
              Refused("tensors end at 8 but 7 bytes follow"));
  EXPECT_THAT(OpenStatus("{}", 1), Refused("tensors end at 0"));
}

// Rule 6.
TEST(SafetensorsTest, RefusesMetadataThatIsNotText) {
  EXPECT_THAT(OpenStatus("{\"__metadata__\":{\"step\":3}}", 0),
              Refused("__metadata__[\"step\"] holds the number 3; only a "
                      "string may stand there"));
  EXPECT_THAT(OpenStatus("{\"__metadata__\":{\"step\":[\"3\"]}}", 0),
              Refused("holds the array"));
  EXPECT_THAT(OpenStatus("{\"__metadata__\":{\"step\":{}}}", 0),
              Refused("holds the object"));
  EXPECT_THAT(OpenStatus("{\"__metadata__\":\"x\"}", 0),
              Refused("only an object may stand there"));
}

TEST(SafetensorsTest, EveryCutAndEveryFlippedByteIsSurvived) {
  ASSERT_OK_AND_ASSIGN(const std::string whole, ReadFile(kFixture));
  const std::string path = TempPath("broken.safetensors");
  const auto open = [&](const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    return SafetensorsFile::Open(path).status();
  };
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(open(whole.substr(0, size)),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr(path)));
  }
  for (size_t i = 0; i < whole.size(); ++i) {
    std::string broken = whole;
    broken[i] = static_cast<char>(broken[i] ^ 0x80);
    const bool in_data = i >= whole.size() - 99;
    EXPECT_EQ(open(broken).ok(), in_data) << "byte " << i;
  }
}

TEST(SafetensorsTest, AFileThatShrinksWhileItIsOpenGivesAnError) {
  const std::string path = TempPath("shrinks.safetensors");
  const std::string bytes(16, 'x');
  ASSERT_THAT(
      WriteSafetensors(path, {{"w", SafetensorsDtype::kU8, {16}, bytes}}),
      IsOk());
  ASSERT_OK_AND_ASSIGN(const SafetensorsFile file, SafetensorsFile::Open(path));
  ASSERT_OK_AND_ASSIGN(const std::string whole, ReadFile(path));
  ASSERT_EQ(truncate(path.c_str(), whole.size() - 4), 0);
  std::string read(16, '\0');
  EXPECT_THAT(file.Read(*file.Find("w"), absl::MakeSpan(read)),
              StatusIs(absl::StatusCode::kDataLoss,
                       AllOf(HasSubstr(path), HasSubstr("4 bytes before"))));
}

TEST(SafetensorsTest, ReadingIntoABufferOfTheWrongSizeIsRefused) {
  ASSERT_OK_AND_ASSIGN(const SafetensorsFile file,
                       SafetensorsFile::Open(kFixture));
  std::string read(3, '\0');
  EXPECT_THAT(file.Read(*file.Find("y.f32"), absl::MakeSpan(read)),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("y.f32")));
}

TEST(SafetensorsTest, OpeningNamesMissingFilesAndDirectories) {
  EXPECT_THAT(
      SafetensorsFile::Open("no/such.safetensors").status(),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("no/such.safetensors")));
  EXPECT_THAT(SafetensorsFile::Open(testing::TempDir()).status(),
              Refused("not a regular file"));
}

TEST(SafetensorsTest, TheWriterRefusesWhatTheReaderWould) {
  const std::string path = TempPath("refused.safetensors");
  std::remove(path.c_str());
  const std::string four = "1234";
  const auto refused = [&](const std::string& why) {
    return StatusIs(absl::StatusCode::kInvalidArgument,
                    AllOf(HasSubstr(path), HasSubstr(why)));
  };
  const SafetensorsSource sound = {"w", SafetensorsDtype::kF32, {1}, four};
  EXPECT_THAT(WriteSafetensors(path, {sound, sound}), refused("duplicate"));
  EXPECT_THAT(
      WriteSafetensors(path, {{"w", SafetensorsDtype::kF32, {2}, four}}),
      refused("needs 8 bytes"));
  EXPECT_THAT(
      WriteSafetensors(path, {{"w", SafetensorsDtype::kF32, {-1}, four}}),
      refused("number -1"));
  EXPECT_THAT(
      WriteSafetensors(path, {{"\xff", SafetensorsDtype::kF32, {1}, four}}),
      refused("UTF-8"));
  EXPECT_THAT(WriteSafetensors(path, {sound}, {{"k", "\xff"}}),
              refused("UTF-8"));
  EXPECT_THAT(WriteSafetensors(
                  path, {{"__metadata__", SafetensorsDtype::kF32, {1}, four}}),
              refused("__metadata__"));
  EXPECT_FALSE(FileExists(path));
}

}  // namespace
}  // namespace transect
