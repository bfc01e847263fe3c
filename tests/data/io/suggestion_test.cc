#include "data/io/suggestion.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace transect {
namespace {

TEST(SuggestionTest, NamesTheNearest) {
  EXPECT_EQ(DidYouMean("rnak", {"alpha", "rank", "dropout"}),
            "; did you mean \"rank\"?");
}

TEST(SuggestionTest, NamesAllThatAreEquallyNear) {
  EXPECT_EQ(DidYouMean("beta", {"beta1", "beta2", "eps"}),
            "; did you mean \"beta1\" or \"beta2\"?");
}

TEST(SuggestionTest, TheCaseOfLettersDoesNotCount) {
  EXPECT_EQ(DidYouMean("full", {"ZERO", "HALF", "FULL"}),
            "; did you mean \"FULL\"?");
}

TEST(SuggestionTest, ListsWhatThereIsWhereNothingIsNear) {
  EXPECT_EQ(DidYouMean("completely_else", {"a1", "b2"}), "; it can be a1, b2");
}

TEST(SuggestionTest, FindsAnAbbreviationOfTheName) {
  EXPECT_EQ(DidYouMean("learning_rate", {"weight_decay", "lr", "beta1"}),
            "; did you mean \"lr\"?");
}

TEST(SuggestionTest, FindsALongerNameWithTheSameWords) {
  EXPECT_EQ(DidYouMean("dropout", {"rank", "lora_dropout", "alpha"}),
            "; did you mean \"lora_dropout\"?");
}

TEST(SuggestionTest, DashesAndUnderscoresAreEqual) {
  EXPECT_EQ(DidYouMean("--dry-run", {"--dry_run", "--jobs"}),
            "; did you mean \"--dry_run\"?");
}

TEST(SuggestionTest, WhatIsNearCanBeAskedFor) {
  EXPECT_EQ(NearNames("rnak", {"alpha", "rank"}),
            std::vector<std::string>{"rank"});
  EXPECT_TRUE(NearNames("completely_else", {"a1", "b2"}).empty());
}

TEST(SuggestionTest, CutsALongList) {
  std::vector<std::string> many;
  for (int i = 0; i < 13; ++i) {
    many.push_back("n" + std::to_string(i));
  }
  EXPECT_EQ(DidYouMean("", many),
            "; it can be n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11, "
            "...");
}

TEST(QuotedTest, EscapesAndCuts) {
  EXPECT_EQ(Quoted("a\"b\n"), "\"a\\\"b\\n\"");
  EXPECT_EQ(Quoted("Straße"), "\"Straße\"");
  EXPECT_EQ(Quoted(std::string(61, 'x')),
            "\"" + std::string(60, 'x') + "...\"");
  EXPECT_EQ(Quoted(std::string(59, 'x') + "±"),
            "\"" + std::string(59, 'x') + "...\"");
}

TEST(SuggestionTest, SaysNothingWithoutCandidates) {
  EXPECT_EQ(DidYouMean("rank", {}), "");
}

TEST(SuggestionTest, AVeryLongNameTakesNoTime) {
  const std::string name(10'000'000, 'x');
  EXPECT_EQ(DidYouMean(name, {"rank"}), "; it can be rank");
}

}  // namespace
}  // namespace transect
