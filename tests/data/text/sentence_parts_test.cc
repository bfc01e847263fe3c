#include "data/text/sentence_parts.h"

#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(PartsOfSentence, TellsWhatIsSaidBesideTheCategory) {
  EXPECT_EQ(PartsOfSentence(""), SentenceParts{});
  EXPECT_EQ(PartsOfSentence("A ground track field"), SentenceParts{});
  EXPECT_EQ(PartsOfSentence("The GRAY vehicle"),
            (SentenceParts{.color = true}));
  EXPECT_EQ(PartsOfSentence("The small storage tank"),
            (SentenceParts{.size = true}));
  EXPECT_EQ(PartsOfSentence("The windmill on the lower right"),
            (SentenceParts{.position = true}));
  EXPECT_EQ(PartsOfSentence("A large white ship at the top, in the middle."),
            (SentenceParts{.color = true, .size = true, .position = true}));
}

TEST(PartsOfSentence, ADirectionOfSomethingIsARelation) {
  EXPECT_EQ(PartsOfSentence("A bridge to the right of the stadium"),
            (SentenceParts{.relation = true}));
  EXPECT_EQ(PartsOfSentence("The dam on the upper left side of a bridge"),
            (SentenceParts{.relation = true}));
  EXPECT_EQ(PartsOfSentence("The dam below the bridge on the left"),
            (SentenceParts{.position = true, .relation = true}));
  EXPECT_EQ(PartsOfSentence("The dam on the left of the image"),
            (SentenceParts{.position = true}));
  EXPECT_EQ(PartsOfSentence("The dam on the left of"),
            (SentenceParts{.position = true}));
}

}  // namespace
}  // namespace transect
