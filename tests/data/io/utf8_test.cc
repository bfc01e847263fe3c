#include "data/io/utf8.h"

#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

TEST(Utf8Test, EveryCodePointRoundTrips) {
  for (char32_t point = 0; point <= 0x10FFFF; ++point) {
    if (point >= 0xD800 && point <= 0xDFFF) {
      continue;
    }
    const std::u32string text(1, point);
    const absl::StatusOr<std::u32string> back =
        Utf32FromUtf8(Utf8FromUtf32(text));
    ASSERT_THAT(back, IsOk()) << std::hex << static_cast<uint32_t>(point);
    ASSERT_EQ(*back, text);
  }
}

TEST(Utf8Test, RefusesWhatUnicodeCallsIllFormed) {
  for (const char* bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80",
        "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x96",
        "\xFF"}) {
    EXPECT_FALSE(IsUtf8(bad));
    EXPECT_FALSE(IsUtf8(std::string("fine ") + bad + " fine"));
  }
  EXPECT_TRUE(IsUtf8("\xE2\x96\x81 \xF0\x9F\x98\x80"));
  EXPECT_THAT(Utf32FromUtf8("ab\xFF"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       ::testing::HasSubstr("byte 2")));
}

TEST(Utf8Test, TheMessageShowsWhereAndWhat) {
  EXPECT_THAT(CheckUtf8("caf\xC3\xA9"), IsOk());
  EXPECT_THAT(CheckUtf8(""), IsOk());
  EXPECT_THAT(CheckUtf8("the \xFF dam"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "byte 4 is 0xFF, which is not valid UTF-8 there: "
                       "\"the \\xff dam\""));
  // Of a long text what is around it.
  EXPECT_THAT(
      CheckUtf8(std::string(1000, 'a') + "\x80" + std::string(1000, 'y')),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "byte 1000 is 0x80, which is not valid UTF-8 there: ...\"" +
                   std::string(30, 'a') + "\\x80" + std::string(29, 'y') +
                   "\"..."));
}

TEST(Utf8Test, InvalidBytesAreReplacedOneByOne) {
  EXPECT_EQ(ReplaceInvalidUtf8("a\xFF\xC2"), "a\uFFFD\uFFFD");
  EXPECT_EQ(ReplaceInvalidUtf8("tést"), "tést");
}

TEST(Utf8Test, PlacesCountCodePoints) {
  EXPECT_EQ(PlaceInText("f", "ab\n±±c", 7), "f:2:3");
  EXPECT_EQ(PlaceInText("f", "", 0), "f:1:1");
  EXPECT_EQ(PlaceInText("f", "abc", 2, 7), "f:7:3");
}

TEST(Utf8Test, OnlyTheMarkAtTheBeginningIsSkipped) {
  EXPECT_EQ(WithoutByteOrderMark("\xEF\xBB\xBFx\xEF\xBB\xBF"), "x\xEF\xBB\xBF");
  EXPECT_EQ(WithoutByteOrderMark("\xEF\xBB"), "\xEF\xBB");
}

}  // namespace
}  // namespace transect
