#include "data/image/probe.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kTestData[] = "tests/data/image/testdata/";

std::string PathOf(const std::string& contents) {
  const std::string path = absl::StrCat(
      ::testing::TempDir(), "/",
      ::testing::UnitTest::GetInstance()->current_test_info()->name());
  EXPECT_THAT(WriteFile(path, contents), IsOk());
  return path;
}

std::string BigEndian(uint32_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) {
    text.push_back(static_cast<char>(value >> (8 * i)));
  }
  return text;
}

std::string LittleEndian(uint32_t value, int bytes) {
  const std::string text = BigEndian(value, bytes);
  return {text.rbegin(), text.rend()};
}

// Up to and including the frame header.
std::string JpegHeader(int height, int width) {
  return absl::StrCat("\xFF\xD8\xFF\xE0", BigEndian(16, 2),
                      std::string(14, 'j'), "\xFF\xFF\xC2", BigEndian(17, 2),
                      BigEndian(8, 1), BigEndian(height, 2),
                      BigEndian(width, 2), BigEndian(3, 1), "123456789");
}

std::string PngHeader(int height, int width) {
  return absl::StrCat("\x89PNG\r\n\x1A\n", BigEndian(13, 4), "IHDR",
                      BigEndian(width, 4), BigEndian(height, 4),
                      std::string(9, '\0'));
}

std::string TiffHeader(int height, int width, bool little) {
  const auto number = little ? LittleEndian : BigEndian;
  // Directory at 10: width as a short, height as a long.
  return absl::StrCat(
      little ? absl::string_view("II*\0", 4) : absl::string_view("MM\0*", 4),
      number(10, 4), "xx", number(2, 2),  // entries
      number(256, 2), number(3, 2), number(1, 4), number(width, 2), "\x7F\x7F",
      number(257, 2), number(4, 2), number(1, 4), number(height, 4));
}

TEST(ProbeTest, AgreesWithTheDecoder) {
  for (const char* file :
       {"color.jpg", "color.png", "read_grey.png", "read_palette.png",
        "read_rgba.png", "read_rgb.tif", "read_pages.tif"}) {
    const std::string path = absl::StrCat(kTestData, file);
    ASSERT_OK_AND_ASSIGN(const ImageSize size, ProbeImage(path));
    ASSERT_OK_AND_ASSIGN(const Image image, DecodeImage(path));
    EXPECT_EQ(size.height, image.height) << file;
    EXPECT_EQ(size.width, image.width) << file;
  }
  for (const char* file : {"sixteen_bits.png", "sixteen_bits.tif"}) {
    const std::string path = absl::StrCat(kTestData, file);
    EXPECT_THAT(ProbeImage(path), StatusIs(absl::StatusCode::kInvalidArgument,
                                           HasSubstr("16 bits")));
    EXPECT_EQ(ProbeImage(path).status(), DecodeImage(path).status());
  }
}

TEST(ProbeTest, ReadsHeadersOnly) {
  for (const std::string& header :
       {JpegHeader(700, 801), PngHeader(700, 801), TiffHeader(700, 801, true),
        TiffHeader(700, 801, false)}) {
    ASSERT_OK_AND_ASSIGN(const ImageSize size, ProbeImage(PathOf(header)));
    EXPECT_EQ(size.height, 700);
    EXPECT_EQ(size.width, 801);
  }
}

TEST(ProbeTest, APictureThatIsTooLargeIsRefusedBeforeItIsDecoded) {
  for (const std::string& header :
       {JpegHeader(20000, 20000), PngHeader(20000, 20000),
        TiffHeader(20000, 20000, true), TiffHeader(20000, 20000, false)}) {
    const std::string path = PathOf(header);
    EXPECT_THAT(ProbeImage(path),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         AllOf(HasSubstr(path),
                               HasSubstr("20000 x 20000 pixels, must be"))));
  }
  EXPECT_THAT(
      ProbeImage(PathOf(JpegHeader(0, 5))),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("0 x 5 pixels")));
}

TEST(ProbeTest, WhatIsNoImageFile) {
  const std::string empty = PathOf("");
  EXPECT_THAT(ProbeImage(empty),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(absl::StrCat(empty, " is empty"))));
  EXPECT_THAT(ProbeImage(PathOf("GIF89a...")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("neither JPEG nor PNG nor TIFF")));
  EXPECT_THAT(
      ProbeImage(::testing::TempDir()),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("is a directory")));
  EXPECT_THAT(
      ProbeImage("/no/such/file.jpg"),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("/no/such/file.jpg")));
  const std::string pipe = absl::StrCat(::testing::TempDir(), "/probe_pipe");
  unlink(pipe.c_str());
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(ProbeImage(pipe), StatusIs(absl::StatusCode::kNotFound,
                                         HasSubstr("not a regular file")))
      << "and does not wait for a writer";
  // Cut off at any byte of the header: an error, not a guess.
  const std::string whole = JpegHeader(700, 801);
  for (size_t bytes = 1; bytes < whole.size() - 10; ++bytes) {
    EXPECT_THAT(ProbeImage(PathOf(whole.substr(0, bytes))),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << bytes;
  }
}

}  // namespace
}  // namespace transect
