#include "launch/cli/typed_line.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(TypedLineTest, WordsAreThoseOfAShell) {
  const TypedLine line = ReadTypedLine("transect  'a b' c\\ d \"e'f\" g\\#");
  EXPECT_THAT(line.words, ElementsAre("transect", "a b", "c d", "e'f"));
  EXPECT_EQ(line.word, "g#");
  EXPECT_EQ(line.typed, "g\\#");
  EXPECT_EQ(line.quote, 0);
  EXPECT_EQ(ReadTypedLine("transect ").word, "");
  EXPECT_THAT(ReadTypedLine("").words, IsEmpty());
}

TEST(TypedLineTest, AnOpenQuoteIsKnown) {
  const TypedLine line = ReadTypedLine("transect 'rank=2 s");
  EXPECT_EQ(line.word, "rank=2 s");
  EXPECT_EQ(line.quote, '\'');
  // Not finished: what it escapes is not typed.
  EXPECT_EQ(ReadTypedLine("transect a\\").word, "a");
}

class TypedWordTest : public testing::Test {
 protected:
  TypedWordTest() {
    CLI::App* const plan = app_.add_subcommand("plan");
    plan->add_option("SPEC", text_);
    plan->add_option("--set", list_)->type_name("PATH=VALUE");
    plan->add_option("--accept-code", text_)->type_name("CODE");
    plan->add_flag("--all", flag_);
    plan->add_option("SELECTOR", list_);
    app_.add_subcommand("data")->add_subcommand("check")->add_option("DIR",
                                                                     text_);
  }

  TypedWord Find(const std::string& line) {
    return FindTypedWord(app_, ReadTypedLine(line));
  }

  CLI::App app_;
  std::string text_;
  std::vector<std::string> list_;
  bool flag_ = false;
};

TEST_F(TypedWordTest, ArgumentsAreCounted) {
  EXPECT_EQ(Find("transect pl").kind, "");
  EXPECT_EQ(Find("transect plan ").kind, "SPEC");
  EXPECT_EQ(Find("transect plan --all a.textproto ").kind, "SELECTOR");
  const TypedWord word = Find("transect plan a.textproto rank=2 seed=");
  EXPECT_EQ(word.kind, "SELECTOR");
  EXPECT_EQ(word.word, "seed=");
  EXPECT_EQ(word.verb, "plan");
  EXPECT_THAT(word.arguments, ElementsAre("a.textproto", "rank=2"));
  EXPECT_EQ(Find("transect data check ").verb, "data check");
  EXPECT_EQ(Find("transect data check x y").kind, "");
}

TEST_F(TypedWordTest, FlagsHaveTheirValues) {
  const TypedWord word = Find(
      "transect plan --set a=1 --accept_code=x a.textproto --set training.");
  EXPECT_EQ(word.kind, "PATH=VALUE");
  EXPECT_EQ(word.word, "training.");
  EXPECT_THAT(word.flags,
              ElementsAre(Pair("--set", "a=1"), Pair("--accept-code", "x")));
  EXPECT_THAT(word.ValuesOf("--set"), ElementsAre("a=1"));
  const TypedWord equals = Find("transect plan --set=training.");
  EXPECT_EQ(equals.kind, "PATH=VALUE");
  EXPECT_EQ(equals.prefix, "--set=");
  EXPECT_EQ(equals.word, "training.");
  EXPECT_EQ(Find("transect plan --al").kind, "");
  EXPECT_EQ(Find("transect plan --no-such=").kind, "");
}

TEST(ForBashTest, WhatStandsBeforeABreakIsNotRepeated) {
  EXPECT_THAT(ForBash({"rank=2 seed=1", "text=ZERO"},
                      ReadTypedLine("transect rank=2\\ s")),
              ElementsAre("2\\ seed=1"));
  EXPECT_THAT(ForBash({"#1", "a'b"}, ReadTypedLine("transect ")),
              ElementsAre("\\#1", "a\\'b"));
}

TEST(ForBashTest, BehindAQuoteWordsAreWhole) {
  EXPECT_THAT(ForBash({"rank=2 seed=1"}, ReadTypedLine("transect 'rank=2 s")),
              ElementsAre("rank=2 seed=1"));
  EXPECT_THAT(ForBash({"rank=2"}, ReadTypedLine("transect ra'n")), IsEmpty());
}

}  // namespace
}  // namespace transect
