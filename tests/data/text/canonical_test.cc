#include "data/text/canonical.h"

#include <string>

#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(CanonicalTest, PunctuationGoesAndWhiteSpaceCollapses) {
  EXPECT_EQ(Canonicalize(U"  The red,\t white\u00a0\u3000tank!  "),
            U"The red white tank");
  EXPECT_EQ(Canonicalize(U"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"), U"");
  EXPECT_EQ(Canonicalize(U". red ."), U"red");
  EXPECT_EQ(Canonicalize(U"ground-track"), U"groundtrack");
  EXPECT_EQ(Canonicalize(U"\u2581red"), U"\u2581red");
  EXPECT_EQ(Canonicalize(U""), U"");
}

TEST(CanonicalTest, WhiteSpaceIsUnicodes) {
  for (const char32_t space :
       {U' ', U'\n', U'\u001f', U'\u0085', U'\u00a0', U'\u2003', U'\u3000'}) {
    EXPECT_TRUE(IsSpace(space)) << static_cast<uint32_t>(space);
  }
  for (const char32_t other : {U'a', U'_', U'\u200b', U'\u2581', U'\0'}) {
    EXPECT_FALSE(IsSpace(other)) << static_cast<uint32_t>(other);
  }
  EXPECT_EQ(StripLeft(U" \u3000 a "), U"a ");
  EXPECT_EQ(StripRight(U" a \n\u00a0"), U" a");
  EXPECT_EQ(StripRight(U"  "), U"");
}

TEST(CanonicalTest, LowerCaseIsUnicodes) {
  EXPECT_EQ(LowerCase(U"Red ÉTÉ ΣΟΦΟΣ Ж \u2581"), U"red été σοφοσ ж \u2581");
  EXPECT_EQ(LowerCase(U"\u0130"), U"i\u0307");
}

}  // namespace
}  // namespace transect
