#include "data/batch/batch.h"

#include <ATen/Functions.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/image/decode.h"
#include "data/image/encode.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "data/masks/rle.h"
#include "data/text/tokenizer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class BatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(
        tokenizer_, Tokenizer::Load("tests/data/text/testdata/spiece.model"));
    samples_.push_back(MakeSample(3, "The red tank", 8, 12,
                                  RleFromMask(LeftHalf(8, 12), 8, 12)));
    samples_.push_back(MakeSample(5, "A white windmill on the lower left", 6, 6,
                                  Rle{6, 6, {36}}));
  }

  static std::vector<uint8_t> LeftHalf(int height, int width) {
    std::vector<uint8_t> mask(height * width);
    for (int i = 0; i < height * width; ++i) {
      mask[i] = i % width < width / 2;
    }
    return mask;
  }

  // An image of one color: blue 200, green 100, red 20.
  static Sample MakeSample(int64_t id, const std::string& sentence, int height,
                           int width, Rle mask) {
    Image image{height, width, {}};
    for (int i = 0; i < height * width; ++i) {
      for (const int value : {200, 100, 20}) {
        image.bgr.push_back(static_cast<uint8_t>(value));
      }
    }
    Sample sample;
    sample.id = id;
    sample.sentence = sentence;
    sample.mask = std::move(mask);
    sample.image_path = absl::StrCat(::testing::TempDir(), "/", id, ".jpg");
    const absl::StatusOr<std::string> jpeg = EncodeJpeg(image, 100);
    EXPECT_THAT(jpeg, IsOk());
    EXPECT_THAT(WriteFile(sample.image_path, *jpeg), IsOk());
    return sample;
  }

  std::vector<const Sample*> Pointers() const {
    return {&samples_[0], &samples_[1]};
  }

  std::unique_ptr<Tokenizer> tokenizer_;
  std::vector<Sample> samples_;
};

TEST_F(BatchTest, ShapesTypesAndValuesAreAsDocumented) {
  ASSERT_OK_AND_ASSIGN(const Batch batch,
                       MakeBatch(Pointers(), *tokenizer_, {4, 0}, 64));
  EXPECT_THAT(batch.sample_ids, ElementsAre(3, 5));
  EXPECT_EQ(batch.pixels.sizes(), at::IntArrayRef({2, 3, 4, 4}));
  EXPECT_EQ(batch.pixels.scalar_type(), at::kByte);
  EXPECT_TRUE(batch.pixels.is_contiguous());
  // Red first; JPEG moves a flat color by a gray level or two.
  const at::Tensor levels = batch.pixels.to(at::kFloat);
  EXPECT_NEAR(levels[0][0].mean().item<float>(), 20, 4);
  EXPECT_NEAR(levels[1][1].mean().item<float>(), 100, 4);
  EXPECT_NEAR(levels[0][2].mean().item<float>(), 200, 4);
  EXPECT_FALSE(batch.siglip_pixels.defined());
  EXPECT_EQ(batch.mask.scalar_type(), at::kByte);
  EXPECT_EQ(batch.mask.sizes(), at::IntArrayRef({2, 1, 4, 4}));
  EXPECT_TRUE(batch.mask[0].select(2, 0).eq(1).all().item<bool>());
  EXPECT_TRUE(batch.mask[0].select(2, 1).eq(1).all().item<bool>());
  EXPECT_TRUE(batch.mask[0].select(2, 2).eq(0).all().item<bool>());
  EXPECT_EQ(batch.mask[1].sum().item<int64_t>(), 0);
}

TEST_F(BatchTest, SentencesArePaddedToTheLongestWithTheEndToken) {
  ASSERT_OK_AND_ASSIGN(const Batch batch,
                       MakeBatch(Pointers(), *tokenizer_, {4, 0}, 64));
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(const std::vector<int64_t> ids,
                         tokenizer_->Encode(samples_[i].sentence, 64));
    EXPECT_EQ(batch.token_counts[i].item<int64_t>(),
              static_cast<int64_t>(ids.size()));
    for (int64_t t = 0; t < batch.token_ids.size(1); ++t) {
      EXPECT_EQ(batch.token_ids[i][t].item<int64_t>(),
                t < static_cast<int64_t>(ids.size()) ? ids[t] : kEndToken);
    }
  }
  EXPECT_EQ(batch.token_ids.size(1), batch.token_counts.max().item<int64_t>());
}

TEST_F(BatchTest, OtherSentencesChangeTheTokensAlone) {
  const std::vector<std::string> swapped = {samples_[1].sentence,
                                            samples_[0].sentence};
  ASSERT_OK_AND_ASSIGN(const Batch batch,
                       MakeBatch(Pointers(), *tokenizer_, {4, 0}, 64));
  Batch other = batch;
  ASSERT_THAT(SetSentences(swapped, *tokenizer_, 64, &other), IsOk());
  EXPECT_TRUE(other.pixels.is_same(batch.pixels)) << "not read again";
  EXPECT_TRUE(at::equal(batch.token_ids[0], other.token_ids[1]));
  EXPECT_TRUE(at::equal(batch.token_counts, other.token_counts.flip(0)));
}

TEST_F(BatchTest, SiglipsOwnImageIsThereWhereTheFormatHasOne) {
  ASSERT_OK_AND_ASSIGN(const Batch batch,
                       MakeBatch(Pointers(), *tokenizer_, {4, 6}, 64));
  EXPECT_EQ(batch.siglip_pixels.sizes(), at::IntArrayRef({2, 3, 6, 6}));
  EXPECT_EQ(batch.siglip_pixels.scalar_type(), at::kByte);
  EXPECT_NEAR(batch.siglip_pixels[1][2].to(at::kFloat).mean().item<float>(),
              200, 4);
}

// Python: (numpy.arange(256, dtype='float32') / numpy.float32(255)).tobytes(),
// whose SHA-256 is this.
TEST_F(BatchTest, PixelsAreDividedAsTheReferenceDivides) {
  const at::Tensor floats = PixelsToFloat(at::arange(256).to(at::kByte));
  ASSERT_EQ(floats.scalar_type(), at::kFloat);
  EXPECT_EQ(Sha256(absl::string_view(
                static_cast<const char*>(floats.const_data_ptr()), 1024)),
            "010413efe9fc4438fee48de66c4d09f377b28af6a9fe2522201e8c1dbb831fc8");
}

TEST_F(BatchTest, AMaskOfAnotherSizeThanTheImageIsFittedToIt) {
  // 8 x 12 annotated as 16 x 24: the same half.
  samples_[0].mask = RleFromMask(LeftHalf(16, 24), 16, 24);
  ASSERT_OK_AND_ASSIGN(const Batch batch,
                       MakeBatch(Pointers(), *tokenizer_, {8, 0}, 64));
  EXPECT_EQ(batch.mask[0].sum().item<int64_t>(), 32);
  EXPECT_TRUE(batch.mask[0].slice(2, 0, 4).eq(1).all().item<bool>());
}

TEST_F(BatchTest, WhatCannotBeReadFailsTheBatchAndIsNamed) {
  EXPECT_THAT(MakeBatch(Pointers(), *tokenizer_, {4, 0}, 3),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("at most 3 are allowed")));
  ASSERT_THAT(WriteFile(samples_[1].image_path, "no JPEG"), IsOk());
  EXPECT_THAT(MakeBatch(Pointers(), *tokenizer_, {4, 0}, 64),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr(samples_[1].image_path)));
  samples_[1].image_path = "/no/such.jpg";
  EXPECT_THAT(MakeBatch(Pointers(), *tokenizer_, {4, 0}, 64),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(BatchTest, IgnoredPixelsAreNotCounted) {
  ASSERT_OK_AND_ASSIGN(const Batch whole,
                       MakeBatch(Pointers(), *tokenizer_, {4, 0}, 64));
  EXPECT_FALSE(whole.counted.defined());
  // The right half of the first image.
  std::vector<uint8_t> right = LeftHalf(8, 12);
  for (uint8_t& pixel : right) pixel = 1 - pixel;
  samples_[0].ignored = RleFromMask(right, 8, 12);
  ASSERT_OK_AND_ASSIGN(const Batch batch,
                       MakeBatch(Pointers(), *tokenizer_, {4, 0}, 64));
  ASSERT_EQ(batch.counted.sizes(), at::IntArrayRef({2, 1, 4, 4}));
  EXPECT_EQ(batch.counted.scalar_type(), at::kByte);
  EXPECT_TRUE(batch.mask.equal(whole.mask));
  EXPECT_TRUE(batch.counted[0].equal(whole.mask[0]));
  EXPECT_TRUE(batch.counted[1].eq(1).all().item<bool>());
}

}  // namespace
}  // namespace transect
