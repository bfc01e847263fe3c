#include "model/sam/sam.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <numbers>
#include <string>

#include "model/sam/image_encoder.h"
#include "model/sam/mask_decoder.h"
#include "model/sam/prompt_encoder.h"
#include "model/sam/two_way_transformer.h"
#include "tests/model/testing/tensor_near.h"
#include "tests/model/testing/tiny_model.h"

namespace transect {
namespace {

SamSpec TinySam() { return TinySpec().rsrefseg().sam(); }

template <typename Holder>
Holder Drawn(Holder module) {
  torch::manual_seed(1);
  const torch::NoGradGuard no_grad;
  for (const at::Tensor& tensor : module->parameters()) tensor.normal_(0, 0.2);
  for (const at::Tensor& tensor : module->buffers()) tensor.normal_();
  return module;
}

TEST(Windows, AreCutRowByRowAndFilledWithZeros) {
  const at::Tensor map = torch::arange(1, 26).view({1, 5, 5, 1});
  const at::Tensor windows = CutWindows(map, 3);
  ASSERT_EQ(windows.sizes(), at::IntArrayRef({4, 9, 1}));
  EXPECT_TRUE(windows[0].flatten().equal(
      torch::tensor({1, 2, 3, 6, 7, 8, 11, 12, 13}, torch::kLong)));
  EXPECT_TRUE(windows[1].flatten().equal(
      torch::tensor({4, 5, 0, 9, 10, 0, 14, 15, 0}, torch::kLong)));
  EXPECT_TRUE(windows[2].flatten().equal(
      torch::tensor({16, 17, 18, 21, 22, 23, 0, 0, 0}, torch::kLong)));
}

TEST(Windows, OfAnImageAreNeighborsAndJoinAgain) {
  for (const int64_t window : {2, 3, 5, 7}) {
    const at::Tensor map = torch::rand({2, 5, 5, 4});
    const at::Tensor windows = CutWindows(map, window);
    EXPECT_TRUE(windows.slice(0, 0, windows.size(0) / 2)
                    .equal(CutWindows(map.slice(0, 0, 1), window)));
    EXPECT_TRUE(JoinWindows(windows, window, 5).equal(map)) << window;
  }
}

TEST(SamImageEncoder, MakesAnEmbeddingOfTheGrid) {
  SamImageEncoder encoder = Drawn(SamImageEncoder(TinySam()));
  EXPECT_EQ(encoder->forward(torch::rand({2, 3, 64, 64})).sizes(),
            at::IntArrayRef({2, 8, 8, 64}));
  EXPECT_THROW(encoder->forward(torch::rand({2, 3, 64, 56})), c10::Error);
}

TEST(SamPromptEncoder, EncodesABoxByItsCorners) {
  SamPositionalEmbedding positions = Drawn(SamPositionalEmbedding(64));
  SamPromptEncoder encoder = Drawn(SamPromptEncoder(TinySam()));
  const at::Tensor boxes = torch::tensor({0.125f, 0.25f, 0.5f, 0.875f,  //
                                          0.0f, 0.0f, 1.0f, 1.0f})
                               .view({2, 4});
  const at::Tensor prompts = encoder->EncodeBoxes(boxes, *positions);
  ASSERT_EQ(prompts.sizes(), at::IntArrayRef({2, 2, 64}));
  const auto parameters = encoder->named_parameters();
  const at::Tensor gaussian =
      positions->named_buffers()["positional_embedding"];
  const struct {
    int64_t box, corner;
    double x, y;
    const char* name;
  } cases[] = {{0, 0, 0.125, 0.25, "point_embed.2.weight"},
               {0, 1, 0.5, 0.875, "point_embed.3.weight"},
               {1, 1, 1, 1, "point_embed.3.weight"}};
  for (const auto& c : cases) {
    const at::Tensor corner = parameters[c.name];
    for (int64_t i = 0; i < 32; ++i) {
      const double angle = 2 * std::numbers::pi *
                           ((2 * c.x - 1) * gaussian[0][i].item<double>() +
                            (2 * c.y - 1) * gaussian[1][i].item<double>());
      EXPECT_NEAR(prompts[c.box][c.corner][i].item<double>(),
                  std::sin(angle) + corner[0][i].item<double>(), 1e-5);
      EXPECT_NEAR(prompts[c.box][c.corner][i + 32].item<double>(),
                  std::cos(angle) + corner[0][i + 32].item<double>(), 1e-5);
    }
  }
}

TEST(SamPositionalEmbedding, IsSinesAndCosinesOfProjectedCenters) {
  SamPositionalEmbedding embedding = Drawn(SamPositionalEmbedding(6));
  const at::Tensor gaussian =
      embedding->named_buffers()["positional_embedding"];
  const at::Tensor grid = embedding->Grid(4);
  ASSERT_EQ(grid.sizes(), at::IntArrayRef({4, 4, 6}));
  const double x = 2 * (2 + 0.5) / 4 - 1, y = 2 * (1 + 0.5) / 4 - 1;
  for (int64_t i = 0; i < 3; ++i) {
    const double angle =
        2 * std::numbers::pi *
        (x * gaussian[0][i].item<double>() + y * gaussian[1][i].item<double>());
    EXPECT_NEAR(grid[1][2][i].item<double>(), std::sin(angle), 1e-5);
    EXPECT_NEAR(grid[1][2][i + 3].item<double>(), std::cos(angle), 1e-5);
  }
  EXPECT_FALSE(grid.requires_grad());
}

TEST(SamPromptEncoder, BringsAMaskToTheGrid) {
  SamPromptEncoder encoder = Drawn(SamPromptEncoder(TinySam()));
  EXPECT_EQ(encoder->EncodeMask(torch::randn({2, 1, 32, 32})).sizes(),
            at::IntArrayRef({2, 8, 8, 64}));
  EXPECT_TRUE(encoder->NoMask().flatten().equal(
      encoder->named_parameters()["no_mask_embed.weight"].flatten()));
}

TEST(Upscale, EqualsATransposedConvolution) {
  Upscale upscale = Drawn(Upscale(6, 4));
  const at::Tensor x = torch::randn({2, 3, 5, 6});
  const auto p = upscale->named_parameters();
  EXPECT_THAT(upscale->forward(x),
              TensorNear(at::conv_transpose2d(x.permute({0, 3, 1, 2}),
                                              p["weight"], p["bias"], 2)
                             .permute({0, 2, 3, 1}),
                         1e-5));
}

class MaskDecoder : public testing::Test {
 protected:
  at::Tensor Decode(const at::Tensor& prompts) {
    return decoder_->forward(image_, position_, prompts);
  }

  const SamMaskDecoder built_ = Drawn(SamMaskDecoder(TinySam()));
  SamMaskDecoder decoder_ = built_;
  const at::Tensor image_ = torch::randn({2, 8, 8, 64});
  const at::Tensor position_ = torch::randn({8, 8, 64});
};

TEST_F(MaskDecoder, DoesNotSeeTheOrderOfPrompts) {
  const at::Tensor prompts = torch::randn({2, 5, 64});
  const at::Tensor mask = Decode(prompts);
  EXPECT_EQ(mask.sizes(), at::IntArrayRef({2, 1, 32, 32}));
  const at::Tensor order = torch::tensor({3, 0, 4, 2, 1}, torch::kLong);
  EXPECT_THAT(Decode(prompts.index_select(1, order)), TensorNear(mask, 1e-4));
}

TEST_F(MaskDecoder, WorksWithoutPromptTokens) {
  EXPECT_EQ(Decode({}).sizes(), at::IntArrayRef({2, 1, 32, 32}));
}

TEST_F(MaskDecoder, RefusesPromptsOfAnotherWidth) {
  EXPECT_THROW(Decode(torch::randn({2, 5, 32})), c10::Error);
  EXPECT_THROW(Decode(torch::randn({3, 5, 64})), c10::Error);
}

TEST_F(MaskDecoder, LeavesTheOtherMasksAndTheScoreWithoutGradient) {
  Decode(torch::randn({2, 5, 64})).sum().backward();
  const auto p = decoder_->named_parameters();
  EXPECT_TRUE(p["output_hypernetworks_mlps.0.proj_in.weight"].grad().defined());
  EXPECT_FALSE(
      p["output_hypernetworks_mlps.1.proj_in.weight"].grad().defined());
  EXPECT_FALSE(p["iou_prediction_head.proj_in.weight"].grad().defined());
}

TEST(SamTwoWayTransformer, KeepsTheShapesOfTokensAndImage) {
  SamTwoWayTransformer transformer = Drawn(SamTwoWayTransformer(TinySam()));
  const TokensAndImage out = transformer->forward(
      {torch::randn({2, 7, 64}), torch::randn({2, 64, 64})},
      torch::randn({64, 64}));
  EXPECT_EQ(out.tokens.sizes(), at::IntArrayRef({2, 7, 64}));
  EXPECT_EQ(out.image.sizes(), at::IntArrayRef({2, 64, 64}));
}

TEST(Sam, HoldsThePositionalMatrixOnce) {
  const Sam sam(TinySam());
  EXPECT_THAT(
      sam->named_buffers().keys(),
      testing::ElementsAre("shared_image_embedding.positional_embedding"));
}

// Each layer works on what the one before made, and only the first has no
// positions; the tokens that came in are the positions of all.
TEST(SamTwoWayTransformer, HasAsManyLayersAsTheSpecSays) {
  for (const int layers : {1, 2, 4}) {
    SamSpec spec = TinySam();
    spec.set_decoder_layers(layers);
    SamTwoWayTransformer transformer = Drawn(SamTwoWayTransformer(spec));
    const TokensAndImage in = {torch::rand({2, 7, 64}),
                               torch::rand({2, 64, 64})};
    const at::Tensor position = torch::rand({64, 64});
    TokensAndImage state = in;
    for (int i = 0; i < layers; ++i) {
      SamTwoWayLayer layer(spec, /*first=*/i == 0);
      const torch::NoGradGuard no_grad;
      const auto parameters = transformer->named_parameters();
      for (auto& own : layer->named_parameters()) {
        own.value().copy_(
            parameters["layers." + std::to_string(i) + "." + own.key()]);
      }
      state = layer->forward(state, in.tokens, position);
    }
    const TokensAndImage out = transformer->forward(in, position);
    EXPECT_TRUE(out.image.equal(state.image)) << layers;
  }
}

}  // namespace
}  // namespace transect
