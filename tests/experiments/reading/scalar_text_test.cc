#include "experiments/reading/scalar_text.h"

#include <string>

#include "absl/status/status.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

const google::protobuf::FieldDescriptor& Field(
    const google::protobuf::Message& message, const std::string& name) {
  return *message.GetDescriptor()->FindFieldByName(name);
}

// What a text becomes after reading and printing; the message of the error.
std::string Canonical(const google::protobuf::Message& message,
                      const std::string& field, absl::string_view text) {
  const absl::StatusOr<Scalar> value = ParseScalar(Field(message, field), text);
  return value.ok() ? ScalarText(*value)
                    : std::string(value.status().message());
}

TEST(ScalarTextTest, EverySpellingOfANumberGivesOneText) {
  const AdamWSpec spec;
  for (const char* text : {"0.5", "5e-1", ".5", "0.50", "+0.5"}) {
    EXPECT_EQ(Canonical(spec, "lr", text), "0.5") << text;
  }
  EXPECT_EQ(Canonical(spec, "lr", "0.0001"), "1e-04");
  EXPECT_EQ(Canonical(spec, "lr", "0.1000000001"), "0.1000000001");
  EXPECT_EQ(Canonical(LoraSpec(), "rank", "+16"), "16");
}

TEST(ScalarTextTest, AListGrows) {
  RunSpec run;
  for (const char* text : {"val", "test"}) {
    const auto& field = Field(run.data(), "eval_splits");
    const absl::StatusOr<Scalar> value = ParseScalar(field, text);
    ASSERT_THAT(value, IsOk());
    AddScalar(field, *value, run.mutable_data());
  }
  EXPECT_THAT(run.data().eval_splits(), testing::ElementsAre("val", "test"));
}

TEST(ScalarTextTest, ReadsEveryType) {
  EXPECT_EQ(Canonical(RunSpec(), "seed", "18446744073709551615"),
            "18446744073709551615");
  EXPECT_EQ(Canonical(TrainingSpec(), "steps", "-5"), "-5");
  EXPECT_EQ(Canonical(SamSpec(), "tune_prompt_encoder", "true"), "true");
  EXPECT_EQ(Canonical(PrompterSpec(), "prompts", "SPARSE"), "SPARSE");
  EXPECT_EQ(Canonical(DataSpec(), "train_split", "test"), "test");
}

TEST(ScalarTextTest, SaysWhatIsAllowed) {
  EXPECT_EQ(Canonical(LoraSpec(), "rank", "2147483648"),
            "\"2147483648\" is not a whole number from -2147483648 to "
            "2147483647");
  EXPECT_EQ(Canonical(LoraSpec(), "rank", "1.5"),
            "\"1.5\" is not a whole number from -2147483648 to 2147483647");
  EXPECT_EQ(Canonical(RunSpec(), "seed", "-1"),
            "\"-1\" is not a whole number from 0 to 18446744073709551615");
  EXPECT_EQ(Canonical(AdamWSpec(), "lr", "nan"),
            "\"nan\" is not a finite number");
  EXPECT_EQ(Canonical(AdamWSpec(), "lr", "1e999"),
            "\"1e999\" is not a finite number");
  EXPECT_EQ(Canonical(AdamWSpec(), "lr", ""), "\"\" is not a finite number");
  EXPECT_EQ(Canonical(SamSpec(), "tune_prompt_encoder", "1"),
            "\"1\" is not true or false");
  EXPECT_EQ(Canonical(PrompterSpec(), "prompts", "SPRSE"),
            "\"SPRSE\" is no Prompts; did you mean \"SPARSE\"?");
  EXPECT_THAT(Canonical(AdamWSpec(), "lr", std::string(1000, 'x')),
              HasSubstr("xxx...\" is not a finite number"));
}

TEST(ScalarTextTest, AMessageIsNoScalar) {
  EXPECT_THAT(
      ParseScalar(Field(RunSpec(), "model"), "x"),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is a message")));
}

TEST(ScalarTextTest, WhatIsSetIsRead) {
  AdamWSpec spec;
  const auto& lr = Field(spec, "lr");
  ASSERT_OK_AND_ASSIGN(const Scalar value, ParseScalar(lr, "3e-4"));
  SetScalar(lr, value, &spec);
  EXPECT_EQ(spec.lr(), 3e-4);
  EXPECT_EQ(ScalarText(GetScalar(spec, lr)), "3e-04");
}

TEST(ScalarTextTest, AnAbsentFieldHasItsDefault) {
  EXPECT_EQ(ScalarText(GetScalar(LoraSpec(), Field(LoraSpec(), "rank"))), "16");
}

TEST(ScalarTextTest, ReadsElementsOfLists) {
  SamSpec spec;
  spec.add_global_attention_layers(1);
  spec.add_global_attention_layers(3);
  EXPECT_EQ(
      ScalarText(GetScalar(spec, Field(spec, "global_attention_layers"), 1)),
      "3");
}

TEST(ScalarTextTest, SinglePrecisionKeepsItsOwnShortestText) {
  EXPECT_EQ(ScalarText(Scalar(0.1f)), "0.1");
  EXPECT_EQ(ScalarText(Scalar(double{0.1f})), "0.10000000149011612");
}

}  // namespace
}  // namespace transect
