#include "data/spec.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/data.pb.h"
#include "data/io/problems.h"
#include "data/io/textproto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

template <typename T>
T Parse(const std::string& text) {
  T message;
  EXPECT_THAT(ParseTextproto(text, "test", &message), IsOk());
  return message;
}

std::vector<std::string> Lines(const Problems& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems.all()) {
    lines.push_back(absl::StrCat(problem.field, " ", problem.message));
  }
  return lines;
}

TEST(SplitsTest, HaveNumbersAndImages) {
  EXPECT_EQ(SplitNumber("train"), 0);
  EXPECT_EQ(SplitNumber("test"), 2);
  EXPECT_EQ(SplitNumber("other"), -1);
  const auto spec = Parse<SynthesisSpec>("train_images: 3 val_images: 2");
  EXPECT_EQ(SynthesisImages(spec, "train"), 3);
  EXPECT_EQ(SynthesisImages(spec, "val"), 2);
  EXPECT_EQ(SynthesisImages(spec, "test"), 0);
  EXPECT_EQ(SynthesisImages(spec, "other"), 0);
}

TEST(SynthesisSpecTest, LargeAerialImagesAreToScale) {
  EXPECT_TRUE(IsToScale(Parse<SynthesisSpec>("style: AERIAL image_size: 256")));
  EXPECT_FALSE(
      IsToScale(Parse<SynthesisSpec>("style: AERIAL image_size: 255")));
  EXPECT_FALSE(
      IsToScale(Parse<SynthesisSpec>("style: NATURAL image_size: 800")));
}

std::vector<std::string> DataProblems(const std::string& text) {
  Problems problems;
  ValidateDataSpec(Parse<DataSpec>(text), "data", &problems);
  return Lines(problems);
}

std::vector<std::string> TokenizerProblems(const std::string& text) {
  Problems problems;
  ValidateTokenizerSpec(Parse<TokenizerSpec>(text), "tokenizer", &problems);
  return Lines(problems);
}

TEST(DataSpecTest, ResolvingWritesEveryDefaultOnce) {
  DataSpec spec = Parse<DataSpec>("synthesis { seed: 9 }");
  ResolveDataSpec(&spec);
  EXPECT_THAT(spec, EqualsProto(R"pb(
                synthesis {
                  style: AERIAL
                  seed: 9
                  image_size: 800
                  train_images: 1000
                  val_images: 200
                  test_images: 0
                  min_objects: 3
                  max_objects: 4
                  distractor_fraction: 0.5
                  jpeg_quality: 90
                  max_distractors: 2
                  sentences {
                    bare: 25
                    color: 22
                    position: 36
                    color_position: 8
                    size: 12
                    relation: 13
                  }
                  aerial {
                    min_ground_scale: 0.5
                    max_ground_scale: 30
                    clutter: 0.5
                    texture: 1
                    shadow: 0.5
                    sensor_noise: 4
                    haze: 0.08
                  }
                }
                train_split: "train"
                eval_splits: "val"
                last_batch: CONTINUE
                siglip_resize: BILINEAR_FROM_SAM_INPUT
                sentences: OWN
              )pb"));
  const DataSpec once = spec;
  ResolveDataSpec(&spec);
  EXPECT_THAT(spec, EqualsProto(once));
  TokenizerSpec tokenizer =
      Parse<TokenizerSpec>("sentencepiece { corpus {} vocab_size: 99 }");
  ResolveTokenizerSpec(&tokenizer);
  EXPECT_EQ(tokenizer.sentencepiece().vocab_size(), 99);
  EXPECT_TRUE(tokenizer.has_max_tokens());
  EXPECT_TRUE(tokenizer.sentencepiece().corpus().has_jpeg_quality());
}

TEST(DataSpecTest, ValidSpecsHaveNoProblems) {
  EXPECT_THAT(DataProblems("synthesis {}"), IsEmpty());
  EXPECT_THAT(DataProblems("found { role: 'rrsisd' } eval_splits: 'test'"),
              IsEmpty());
  EXPECT_THAT(TokenizerProblems("found { role: 'siglip' }"), IsEmpty());
  EXPECT_THAT(TokenizerProblems("sentencepiece { corpus {} }"), IsEmpty());
}

TEST(DataSpecTest, AllProblemsAreReportedWithPathValueAndRange) {
  EXPECT_THAT(
      DataProblems("synthesis { style: UNSPECIFIED image_size: 31 "
                   "min_objects: 5 max_objects: 4 distractor_fraction: nan "
                   "jpeg_quality: 101 }"),
      ElementsAre(
          "data.synthesis.style is UNSPECIFIED, must be AERIAL or NATURAL",
          "data.synthesis.image_size is 31, must be 32 to 1024",
          "data.synthesis.max_objects is 4, must be 5 to 12",
          "data.synthesis.distractor_fraction is nan, must be 0 to 1",
          "data.synthesis.jpeg_quality is 101, must be 50 to 100"));
  EXPECT_THAT(
      DataProblems("synthesis { min_objects: 1 max_objects: 1 }"),
      ElementsAre("data.synthesis.distractor_fraction is 0.5, must be 0 where "
                  "max_objects is 1"));
  EXPECT_THAT(DataProblems("synthesis { train_images: 99990 }"),
              ElementsAre("data.synthesis.train_images with val_images and "
                          "test_images is 100190, must be 1 to 99999"));
}

TEST(DataSpecTest, LooksAndSentencesHaveRanges) {
  EXPECT_THAT(
      DataProblems("synthesis { max_distractors: 6 "
                   "sentences { bare: -1 position: 0 } "
                   "aerial { min_ground_scale: 8 max_ground_scale: 4 "
                   "clutter: nan haze: 0.7 } }"),
      ElementsAre(
          "data.synthesis.max_distractors is 6, must be 1 to 5",
          "data.synthesis.sentences.bare is -1, must be 0 to 100",
          "data.synthesis.sentences.position is 0, must be 1 to 100",
          "data.synthesis.aerial.max_ground_scale is 4, must be 8 to 30",
          "data.synthesis.aerial.clutter is nan, must be 0 to 1",
          "data.synthesis.aerial.haze is 0.7, must be 0 to 0.6"));
}

TEST(DataSpecTest, KnobsThatTurnNothingAreRefused) {
  EXPECT_THAT(
      DataProblems("synthesis { image_size: 64 "
                   "aerial { min_ground_scale: 1 clutter: 0.2 } }"),
      ElementsAre("data.synthesis.aerial.min_ground_scale is 1, must be 0.5 "
                  "where style is not AERIAL or image_size is under 256: "
                  "nothing is to scale"));
  EXPECT_THAT(DataProblems("synthesis { style: NATURAL aerial { haze: 0.2 } }"),
              ElementsAre("data.synthesis.aerial.haze is 0.2, must be 0.08 "
                          "where style is not AERIAL"));
  EXPECT_THAT(DataProblems("synthesis { style: NATURAL "
                           "aerial { haze: 0.08 } }"),
              IsEmpty());
}

TEST(DataSpecTest, SplitsMustExistAndHoldImages) {
  EXPECT_THAT(DataProblems("synthesis {} train_split: 'trian' "
                           "eval_splits: ['val', 'test', 'vla', 'val']"),
              ElementsAre("data.train_split is \"trian\", must be train, val "
                          "or test",
                          "data.eval_splits is \"test\", but "
                          "synthesis.test_images is 0",
                          "data.eval_splits is \"vla\", must be train, val or "
                          "test",
                          "data.eval_splits has \"val\" twice, must have it "
                          "once"));
  // What resolving would write is judged too.
  EXPECT_THAT(DataProblems("synthesis { val_images: 0 }"),
              ElementsAre("data.eval_splits is \"val\", but "
                          "synthesis.val_images is 0"));
}

TEST(DataSpecTest, TheOrderOfEvaluatedSplitsMeansNothing) {
  DataSpec spec = Parse<DataSpec>("synthesis {} eval_splits: ['test', 'val']");
  ResolveDataSpec(&spec);
  EXPECT_THAT(spec.eval_splits(), ElementsAre("val", "test"));
}

TEST(DataSpecTest, RolesAreNamesAndASourceIsNeeded) {
  EXPECT_THAT(DataProblems(""), ElementsAre("data.source is not set, must be "
                                            "found or synthesis"));
  EXPECT_THAT(DataProblems("found {}"),
              ElementsAre("data.found.role is empty, must be a name that the "
                          "site file has"));
  EXPECT_THAT(
      DataProblems("found { role: '../x' format: UNSPECIFIED }"),
      ElementsAre("data.found.role is \"../x\", must be a name that the site "
                  "file has, not a path",
                  "data.found.format is UNSPECIFIED, must be RRSISD, "
                  "REFSEGRS, RISBENCH or JSONL"));
  EXPECT_THAT(
      DataProblems("found { role: \"r\" policy { empty_mask: REPAIR } }"),
      ElementsAre("data.found.policy.empty_mask is REPAIR, must be ERROR, "
                  "KEEP or DROP"));
  EXPECT_THAT(DataProblems("found { role: \"r\" format: JSONL policy { "
                           "size_mismatch: REPAIR } }"),
              IsEmpty());
}

TEST(TokenizerSpecTest, ProblemsAreReported) {
  EXPECT_THAT(TokenizerProblems("max_tokens: 65"),
              ElementsAre("tokenizer.source is not set, must be found or "
                          "sentencepiece",
                          "tokenizer.max_tokens is 65, must be 2 to 64"));
  EXPECT_THAT(TokenizerProblems("sentencepiece { vocab_size: 31 }"),
              ElementsAre("tokenizer.sentencepiece.vocab_size is 31, must be "
                          "32 to 32000",
                          "tokenizer.sentencepiece.corpus is not set, must be "
                          "the recipe of a synthetic data set, or found_corpus "
                          "must name a found one"));
  EXPECT_THAT(
      TokenizerProblems(
          "sentencepiece { corpus { train_images: 0 image_size: 5 } }"),
      ElementsAre(
          "tokenizer.sentencepiece.corpus.image_size is 5, must be 32 to 1024",
          "tokenizer.sentencepiece.corpus.train_images is 0, must be at least "
          "1: the sentences are the corpus"));
}

TEST(TokenizerSpecTest, TheCorpusMayBeFound) {
  EXPECT_THAT(TokenizerProblems(
                  "sentencepiece { found_corpus { role: 'mine' format: JSONL "
                  "sentence_field: RAW } }"),
              IsEmpty());
  EXPECT_THAT(
      TokenizerProblems("sentencepiece { found_corpus { format: UNSPECIFIED } "
                        "}"),
      ElementsAre("tokenizer.sentencepiece.found_corpus.role is empty, must be "
                  "a name that the site file has",
                  "tokenizer.sentencepiece.found_corpus.format is UNSPECIFIED, "
                  "must be RRSISD, REFSEGRS, RISBENCH or JSONL"));
  TokenizerSpec spec =
      Parse<TokenizerSpec>("sentencepiece { found_corpus { role: 'mine' } }");
  ResolveTokenizerSpec(&spec);
  EXPECT_FALSE(spec.sentencepiece().has_corpus());
  EXPECT_TRUE(spec.sentencepiece().found_corpus().has_format());
}

TEST(DataSpecTest, OnlyRecordsWithFieldsHaveAnotherSentenceField) {
  for (const char* format : {"RRSISD", "JSONL"}) {
    EXPECT_THAT(DataProblems(absl::StrCat("found { role: 'r' format: ", format,
                                          " sentence_field: RAW }")),
                IsEmpty());
  }
  EXPECT_THAT(
      DataProblems("found { role: 'r' format: REFSEGRS sentence_field: RAW }"),
      ElementsAre("data.found.sentence_field is RAW, must be SENT where format "
                  "is REFSEGRS or RISBENCH: their lines have one phrase"));
  EXPECT_THAT(
      DataProblems(
          "found { role: 'r' sentence_field: SENTENCE_FIELD_UNSPECIFIED }"),
      ElementsAre("data.found.sentence_field is SENTENCE_FIELD_UNSPECIFIED, "
                  "must be SENT or RAW"));
}

TEST(DataSpecTest, OnlyMaskFilesHaveAnIgnoredLabel) {
  for (const char* format : {"REFSEGRS", "RISBENCH", "JSONL"}) {
    EXPECT_THAT(DataProblems(absl::StrCat("found { role: 'r' format: ", format,
                                          " ignored_label: 255 }")),
                IsEmpty());
  }
  EXPECT_THAT(
      DataProblems("found { role: 'r' format: REFSEGRS ignored_label: 256 }"),
      ElementsAre("data.found.ignored_label is 256, must be 0 to 255"));
  EXPECT_THAT(
      DataProblems("found { role: 'r' ignored_label: 255 }"),
      ElementsAre("data.found.ignored_label is 255, must be 0 where format is "
                  "RRSISD, which has no mask files"));
}

}  // namespace
}  // namespace transect
