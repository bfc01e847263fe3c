#include "data/io/textproto.h"

#include <cmath>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string ErrorOf(const std::string& text) {
  DataSpec spec;
  const absl::Status status = ParseTextproto(text, "spec.textproto", &spec);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
  return std::string(status.message());
}

TEST(TextprotoTest, ParsesWhatItPrints) {
  DataSpec spec;
  ASSERT_THAT(ParseTextproto("synthesis { seed: 7 distractor_fraction: 0.1 }\n"
                             "# a comment\ntrain_split: 'tést'",
                             "spec", &spec),
              IsOk());
  const std::string text = PrintTextproto(spec);
  EXPECT_EQ(text,
            "synthesis {\n  seed: 7\n  distractor_fraction: 0.1\n}\n"
            "train_split: \"tést\"\n");
  DataSpec again;
  ASSERT_THAT(ParseTextproto(text, "spec", &again), IsOk());
  EXPECT_THAT(again, EqualsProto(spec));
}

TEST(TextprotoTest, AnUnknownFieldIsLocatedAndTheNearestNameIsGiven) {
  EXPECT_EQ(ErrorOf("synthesis {\n  sede: 3\n}"),
            "spec.textproto:2:3: Message type \"transect.SynthesisSpec\" has "
            "no field named \"sede\"; did you mean \"seed\"?");
  EXPECT_THAT(ErrorOf("zzzzzzzzz: 3"),
              AllOf(HasSubstr("spec.textproto:1:1: "),
                    HasSubstr("; it can be "), Not(HasSubstr("did you mean"))));
}

TEST(TextprotoTest, AllUnknownFieldsAreToldAtOnceAndWhatIsWrongBehindThem) {
  EXPECT_EQ(ErrorOf("sinthesis { a { b: [1, 2] } }\ntrane_split: 'a'\n"
                    "synthesis { sede: 3 seed: x }\n"),
            "spec.textproto:1:1: Message type \"transect.DataSpec\" has no "
            "field named \"sinthesis\"; did you mean \"synthesis\"?\n"
            "spec.textproto:2:1: Message type \"transect.DataSpec\" has no "
            "field named \"trane_split\"; did you mean \"train_split\"?\n"
            "spec.textproto:3:13: Message type \"transect.SynthesisSpec\" has "
            "no field named \"sede\"; did you mean \"seed\"?\n"
            "spec.textproto:3:27: Expected integer, got: x");
  // A text of words is one error.
  EXPECT_THAT(
      ErrorOf("neither of these"),
      AllOf(HasSubstr("named \"neither\"; it can be found, synthesis, "),
            Not(HasSubstr("\n"))));
  std::string many;
  for (int i = 0; i < 25; ++i) many += "zzzzzzzzz: 1\n";
  EXPECT_THAT(ErrorOf(many), AllOf(HasSubstr("spec.textproto:20:1: "),
                                   EndsWith("\nand 5 more problems")));
}

TEST(TextprotoTest, AFieldFromElsewhereIsFoundWithTheWayToWriteIt) {
  EXPECT_THAT(ErrorOf("role: 'a'"),
              HasSubstr("has no field named \"role\"; did you mean \"found { "
                        "role: ... }\", which is found.role?"));
  EXPECT_THAT(ErrorOf("found { train_split: 'a' }"),
              HasSubstr("did you mean \"train_split\", outside of \"found\"?"));
}

TEST(TextprotoTest, ABracketThatDoesNotCloseIsToldWithWhereItOpens) {
  EXPECT_EQ(ErrorOf("synthesis {\n  seed: 3\n"),
            "spec.textproto:3:1: the text ends here; the { of synthesis at "
            "1:11 is not closed");
  // What closes it stands too far to the left: the inner one is meant.
  EXPECT_THAT(ErrorOf("found {\n  policy {\n    empty_mask: DROP\n}\n"),
              HasSubstr("the { of policy at 2:10 is not closed"));
  EXPECT_THAT(ErrorOf("eval_splits: [\"a\", \"b\"\nsynthesis { seed: 3 }\n"),
              HasSubstr("spec.textproto:2:1: Expected \",\", found "
                        "\"synthesis\"; the list that begins at 1:14 is not "
                        "closed, or lacks a comma"));
  EXPECT_THAT(ErrorOf("synthesis { seed: 3 } }\n"),
              HasSubstr("spec.textproto:1:23: Expected identifier, got: }; it "
                        "closes nothing that is open"));
}

TEST(TextprotoTest, AnUnknownEnumeratorIsLocatedAndTheNearestNameIsGiven) {
  EXPECT_THAT(ErrorOf("synthesis {\n\n  style: AREAL\n\n}"),
              AllOf(HasSubstr("spec.textproto:3:10: "),
                    HasSubstr("did you mean \"AERIAL\"?")));
  EXPECT_THAT(ErrorOf("synthesis { style: PAINTED }"),
              HasSubstr("it can be UNSPECIFIED, AERIAL, NATURAL"));
}

TEST(TextprotoTest, IsStrict) {
  EXPECT_THAT(ErrorOf("train_split: 'a' train_split: 'b'"),
              HasSubstr("spec.textproto:1:"));
  EXPECT_THAT(ErrorOf("found {} synthesis {}"),
              HasSubstr("another member of oneof"));
  EXPECT_THAT(ErrorOf("train_split: 3"), HasSubstr("Expected string"));
  EXPECT_THAT(ErrorOf("synthesis {"), HasSubstr("spec.textproto:"));
  EXPECT_THAT(ErrorOf("synthesis { seed: 99999999999999999999 }"),
              HasSubstr("Integer out of range"));
  EXPECT_THAT(ErrorOf(std::string("\x00\xFF", 2)),
              HasSubstr("spec.textproto:1:1"));
}

TEST(TextprotoTest, DeepNestingIsAnErrorAndNoCrash) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) {
    text += "nested_type { ";
  }
  google::protobuf::DescriptorProto message;
  EXPECT_THAT(
      ParseTextproto(text, "deep", &message),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("deep:1:")));
}

TEST(TextprotoTest, DeepNestingOfUnknownFieldsIsAnErrorAndNoCrash) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "no_such { ";
  EXPECT_THAT(ErrorOf(text), HasSubstr("spec.textproto:1:1: "));
}

TEST(TextprotoTest, NumbersPrintShortAndReadBackTheSame) {
  for (const double value : {0.1, 1.0 / 3, 1e-300, 5e-324, 1e21, 3.0, -0.0}) {
    SynthesisSpec spec;
    spec.set_distractor_fraction(value);
    SynthesisSpec again;
    ASSERT_THAT(ParseTextproto(PrintTextproto(spec), "number", &again), IsOk());
    EXPECT_EQ(again.distractor_fraction(), value);
  }
  SynthesisSpec spec;
  spec.set_distractor_fraction(0.30000000000000004);
  EXPECT_EQ(PrintTextproto(spec), "distractor_fraction: 0.30000000000000004\n");
}

TEST(TextprotoTest, AByteOrderMarkBeforeTheTextIsSkipped) {
  DataSpec spec;
  ASSERT_THAT(ParseTextproto("\xEF\xBB\xBFtrain_split: 'a'", "spec", &spec),
              IsOk());
  EXPECT_EQ(spec.train_split(), "a");
  EXPECT_THAT(ErrorOf("\xEF\xBB\xBFtrane_split: 'a'"),
              HasSubstr("spec.textproto:1:1: Message type"));
}

TEST(TextprotoTest, CharactersThatOnlyLookRightAreNamedInOneLine) {
  EXPECT_EQ(ErrorOf("# “fine”\ntrain_split: “a”"),
            "spec.textproto:2:14: “ (U+201C) is a typographic quote, not \", "
            "as pages and word processors make it: type \"");
  EXPECT_EQ(ErrorOf("train_split: \"a”\n"),
            "spec.textproto:1:16: ” (U+201D) is a typographic quote and does "
            "not end the string, which \" began: type \"");
  EXPECT_EQ(ErrorOf("train_split:\u00a0'a'"),
            "spec.textproto:1:13: U+00A0 is a no-break or wide space, not a "
            "plain space, as pages and word processors make it: type a plain "
            "space");
  EXPECT_THAT(ErrorOf("synthesis { seed: −3 }"), HasSubstr("type -"));
  EXPECT_THAT(ErrorOf("größe: 3"),
              HasSubstr("spec.textproto:1:3: ö (U+00F6) stands outside of "
                        "quotes"));
  EXPECT_THAT(ErrorOf("train\u200b_split: 'a'"),
              HasSubstr("an invisible character (U+200B)"));
  EXPECT_THAT(ErrorOf(std::string("\xff\xfet\0", 4)), HasSubstr("UTF-16"));
  // In strings and comments they may stand.
  DataSpec spec;
  EXPECT_THAT(
      ParseTextproto("# “”\u00a0\ntrain_split: '“\u00a0”' ", "s", &spec),
      IsOk());
}

TEST(TextprotoTest, AFileThatStandsForAnotherIsCalledThat) {
  EXPECT_THAT(ErrorOf("version https://git-lfs.github.com/spec/v1\n"),
              HasSubstr("spec.textproto:1:1: is a Git LFS pointer"));
  EXPECT_THAT(ErrorOf("<html><body>"), HasSubstr("is a web page"));
}

TEST(TextprotoTest, MinusZeroIsZero) {
  DataSpec spec;
  ASSERT_THAT(
      ParseTextproto("synthesis { distractor_fraction: -0.0 }", "spec", &spec),
      IsOk());
  EXPECT_FALSE(std::signbit(spec.synthesis().distractor_fraction()));
  EXPECT_EQ(PrintTextproto(spec), "synthesis {\n  distractor_fraction: 0\n}\n");
}

TEST(TextprotoTest, ColumnsCountCharactersAlsoBehindTabs) {
  EXPECT_THAT(ErrorOf("train_split: 'ä'\tsede: 3"),
              HasSubstr("spec.textproto:1:18: "));
  EXPECT_THAT(ErrorOf("train_split: 'ä'\tfound: 3"),
              HasSubstr("spec.textproto:1:25: "));
}

TEST(TextprotoTest, WhatActsOnATerminalPrintsEscaped) {
  DataSpec spec;
  spec.set_train_split("é\u202e\x1b\xff");
  const std::string text = PrintTextproto(spec);
  EXPECT_EQ(text, "train_split: \"é\\342\\200\\256\\033\\377\"\n");
  DataSpec again;
  ASSERT_THAT(ParseTextproto(text, "spec", &again), IsOk());
  EXPECT_EQ(again.train_split(), spec.train_split());
}

TEST(TextprotoTest, FilesRoundTripAndErrorsCarryTheirPath) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/a.textproto");
  DataSpec spec;
  spec.mutable_found()->set_role("rrsisd \"quoted\"\n");
  ASSERT_THAT(WriteTextprotoAtomic(path, spec), IsOk());
  ASSERT_OK_AND_ASSIGN(const DataSpec read, ReadTextproto<DataSpec>(path));
  EXPECT_THAT(read, EqualsProto(spec));
  ASSERT_THAT(WriteFileAtomic(path, "role: 3"), IsOk());
  EXPECT_THAT(ReadTextproto<DataSpec>(path),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(absl::StrCat(path, ":1:1: "))));
  EXPECT_THAT(ReadTextproto<DataSpec>("/no/such"),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace transect
