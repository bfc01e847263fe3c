#include "data/io/misplaced_character.h"

#include <optional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

TEST(MisplacedCharacterTest, PlainTextHasNone) {
  EXPECT_EQ(FindMisplacedCharacter("a: 'b\\'é' # “c”\r\n\td: \"'“”\"\f\v"),
            std::nullopt);
  EXPECT_EQ(FindMisplacedCharacter(""), std::nullopt);
  // An open string without such a quote is the parser's business, and so is
  // what follows it.
  EXPECT_EQ(FindMisplacedCharacter("a: 'b\nc: “"), std::nullopt);
}

TEST(MisplacedCharacterTest, TheFirstOneIsFound) {
  const auto found = FindMisplacedCharacter("a: 'x' b: ‘y’");
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->offset, 10u);
  EXPECT_THAT(found->message, HasSubstr("‘ (U+2018)"));
  EXPECT_THAT(found->message, HasSubstr("type '"));
}

TEST(MisplacedCharacterTest, InvisibleOnesAreNotPrinted) {
  for (const std::string bad : {"a\x01", "a\u202e", "a\u0085", "a\u3000"}) {
    const auto found = FindMisplacedCharacter(bad);
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->message.find(bad.substr(1)), std::string::npos);
  }
}

}  // namespace
}  // namespace transect
