#include "model/siglip/siglip.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "model/siglip/encoder.h"
#include "model/siglip/text_encoder.h"
#include "model/siglip/vision_encoder.h"
#include "tests/model/testing/tensor_near.h"
#include "tests/model/testing/tiny_model.h"

namespace transect {
namespace {

using testing::HasSubstr;

constexpr double kRounding = 1e-5;

Siglip MakeSiglip(SiglipSpec::Padding padding = SiglipSpec::NONE) {
  ModelSpec spec = TinySpec();
  SiglipSpec* siglip = spec.mutable_rsrefseg()->mutable_siglip();
  siglip->set_text_padding(padding);
  Siglip made(*siglip);
  torch::manual_seed(1);
  const torch::NoGradGuard no_grad;
  for (const at::Tensor& parameter : made->parameters()) {
    parameter.normal_(0, 0.2);
  }
  return made;
}

struct Sentences {
  at::Tensor ids, counts;
};

// Three, four and two tokens, the end token 1 included, padded to `length`.
Sentences MakeSentences(int64_t length) {
  at::Tensor ids = torch::full({3, length}, 1, torch::kLong);
  const auto write = [&ids](int64_t row, std::vector<int64_t> words) {
    for (size_t i = 0; i < words.size(); ++i) {
      ids[row][static_cast<int64_t>(i)] = words[i];
    }
  };
  write(0, {17, 5});
  write(1, {33, 4, 5});
  write(2, {9});
  return {ids, torch::tensor({3, 4, 2}, torch::kLong)};
}

TEST(SiglipText, WithoutPadsASentenceGivesWhatItGivesAlone) {
  Siglip siglip = MakeSiglip();
  const Sentences all = MakeSentences(9);
  const SiglipText text = siglip->text_model->forward(all.ids, all.counts);
  const at::Tensor pooled = siglip->text_model->Pool(text);
  for (int64_t i = 0; i < 3; ++i) {
    const int64_t count = all.counts[i].item<int64_t>();
    const SiglipText alone = siglip->text_model->forward(
        all.ids.slice(0, i, i + 1).slice(1, 0, count),
        all.counts.slice(0, i, i + 1));
    EXPECT_THAT(text.hidden[i].slice(0, 0, count),
                TensorNear(alone.hidden[0], kRounding));
    EXPECT_THAT(pooled[i],
                TensorNear(siglip->text_model->Pool(alone)[0], kRounding));
    EXPECT_EQ(text.valid[i].sum().item<int64_t>(), count);
  }
}

TEST(SiglipText, LongestAttendsPadsUpToTheLongestSentence) {
  Siglip siglip = MakeSiglip(SiglipSpec::LONGEST);
  const Sentences all = MakeSentences(9);
  const SiglipText text = siglip->text_model->forward(all.ids, all.counts);
  EXPECT_EQ(text.hidden.size(1), 4);
  EXPECT_TRUE(text.valid.all().item<bool>());
  EXPECT_TRUE(text.last.equal(torch::tensor({3, 3, 3}, torch::kLong)));
  EXPECT_TRUE(text.end.equal(torch::tensor({2, 3, 1}, torch::kLong)));
  // The short sentence now depends on its neighbors.
  const SiglipText alone = siglip->text_model->forward(
      all.ids.slice(0, 2, 3), all.counts.slice(0, 2, 3));
  EXPECT_GT((text.hidden[2].slice(0, 0, 2) - alone.hidden[0])
                .abs()
                .max()
                .item<double>(),
            1e-3);
}

TEST(SiglipText, MaxLengthAttendsAllPads) {
  Siglip siglip = MakeSiglip(SiglipSpec::MAX_LENGTH);
  const Sentences all = MakeSentences(9);
  const SiglipText text = siglip->text_model->forward(all.ids, all.counts);
  // Of the tiny preset.
  constexpr int64_t kMaxPositions = 32;
  EXPECT_EQ(text.hidden.size(1), kMaxPositions);
  EXPECT_TRUE(text.last.eq(kMaxPositions - 1).all().item<bool>());
  EXPECT_THAT(
      siglip->text_model->Pool(text),
      TensorNear(
          at::linear(text.hidden.select(1, kMaxPositions - 1),
                     siglip->named_parameters()["text_model.head.weight"],
                     siglip->named_parameters()["text_model.head.bias"]),
          kRounding));
}

void ExpectTextError(const at::Tensor& ids, const at::Tensor& counts,
                     const char* message) {
  Siglip siglip = MakeSiglip();
  try {
    siglip->text_model->forward(ids, counts);
    ADD_FAILURE() << "no error about " << message;
  } catch (const c10::ValueError& error) {
    EXPECT_THAT(error.what_without_backtrace(), HasSubstr(message));
  }
}

TEST(SiglipText, NamesWhatIsWrongWithTokens) {
  const Sentences all = MakeSentences(9);
  ExpectTextError(torch::ones({3, 40}, torch::kLong), all.counts,
                  "T at most 32, got [3, 40]");
  ExpectTextError(all.ids, torch::tensor({3, 4}, torch::kLong), "got [2]");
  ExpectTextError(all.ids, torch::tensor({3, 0, 2}, torch::kLong),
                  "1 to 9, got 0 to 3");
  ExpectTextError(all.ids, torch::tensor({3, 10, 2}, torch::kLong),
                  "1 to 9, got 2 to 10");
  ExpectTextError(all.ids + 250, all.counts, "0 to 255, got 251");
}

TEST(SiglipVision, LeavesPixelsOutsideWholePatchesUnused) {
  ModelSpec spec = TinySpec("siglip { image_size: 51 }");
  SiglipVisionEncoder tower(spec.rsrefseg().siglip());
  torch::manual_seed(1);
  const torch::NoGradGuard no_grad;
  for (const at::Tensor& parameter : tower->parameters()) {
    parameter.normal_(0, 0.2);
  }
  at::Tensor image = torch::rand({1, 3, 51, 51});
  const at::Tensor features = tower->forward(image);
  EXPECT_EQ(features.sizes(), at::IntArrayRef({1, 36, 64}));
  image.slice(2, 48).fill_(9);
  image.slice(3, 48).fill_(9);
  EXPECT_TRUE(tower->forward(image).equal(features));
  EXPECT_THROW(tower->forward(torch::rand({1, 3, 48, 48})), c10::Error);
}

TEST(SiglipEncoder, IsEquivariantToTheOrderOfTokens) {
  // No positions inside: order matters only through the embeddings.
  torch::manual_seed(1);
  SiglipEncoder encoder(TinySpec().rsrefseg().siglip().text());
  const torch::NoGradGuard no_grad;
  for (const at::Tensor& parameter : encoder->parameters()) {
    parameter.normal_(0, 0.2);
  }
  const at::Tensor x = torch::randn({1, 4, 64});
  const at::Tensor order = torch::tensor({2, 0, 3, 1}, torch::kLong);
  EXPECT_THAT(encoder->forward(x.index_select(1, order)),
              TensorNear(encoder->forward(x).index_select(1, order), 1e-4));
}

}  // namespace
}  // namespace transect
