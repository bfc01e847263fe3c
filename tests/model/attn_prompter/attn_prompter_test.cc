#include "model/attn_prompter/attn_prompter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <string>

#include "tests/model/testing/tensor_near.h"
#include "tests/model/testing/tiny_model.h"

namespace transect {
namespace {

constexpr int64_t kWidth = 64;  // Of SigLIP's and of SAM's features.
constexpr int64_t kGrid = 6;
constexpr double kScale = 0.3, kBias = -0.4;

PrompterInput MakeInput() {
  torch::manual_seed(1);
  PrompterInput input;
  input.patches = torch::randn({2, kGrid * kGrid, kWidth}) * 0.3;
  input.tokens = torch::randn({2, 5, kWidth}) * 0.3;
  input.token_valid = torch::tensor({1, 1, 1, 0, 0, 1, 1, 1, 1, 0})
                          .view({2, 5})
                          .to(torch::kBool);
  input.sentence = torch::randn({2, kWidth}) * 0.3;
  input.logit_scale = torch::tensor({kScale});
  input.logit_bias = torch::tensor({kBias});
  input.position = torch::randn({kGrid, kGrid, kWidth});
  return input;
}

AttnPrompter MakePrompter(const std::string& switches) {
  const RsRefSegSpec spec =
      TinySpec("prompter { " + switches + " }").rsrefseg();
  AttnPrompter made(spec.prompter(), spec.siglip().vision().hidden_size(),
                    spec.sam().prompt_channels(), nullptr);
  torch::manual_seed(2);
  const torch::NoGradGuard no_grad;
  for (const at::Tensor& parameter : made->parameters()) {
    parameter.normal_(0, 0.1);
  }
  made->eval();
  return made;
}

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

// Equation 3 for one patch, feature by feature as it is written.
struct Similarity {
  bool cosine;
  double operator()(const at::Tensor& v, const at::Tensor& t) const {
    const double dot = v.dot(t).item<double>();
    if (!cosine) return dot;
    return std::exp(kScale) * dot /
               (v.norm().item<double>() * t.norm().item<double>()) +
           kBias;
  }
};

// What enters the prompter's first convolution, by this text of switches.
at::Tensor ExpectedFeatures(const PrompterInput& input, bool cosine,
                            bool average, bool residual, bool local_first) {
  const Similarity similarity = {cosine};
  at::Tensor features =
      torch::empty({2, kGrid * kGrid, 3 * kWidth}, torch::kFloat);
  for (int64_t b = 0; b < 2; ++b) {
    for (int64_t n = 0; n < kGrid * kGrid; ++n) {
      const at::Tensor v = input.patches[b][n];
      at::Tensor local = torch::zeros({kWidth});
      double words = 0;
      for (int64_t k = 0; k < 5; ++k) {
        if (!input.token_valid[b][k].item<bool>()) continue;
        local += v * Sigmoid(similarity(v, input.tokens[b][k]));
        ++words;
      }
      local = local / words + v;
      if (average) local = local / 2;
      at::Tensor global = v * Sigmoid(similarity(v, input.sentence[b]));
      if (residual) global = global + v;
      features[b][n] = local_first ? torch::cat({local, global, v})
                                   : torch::cat({global, local, v});
    }
  }
  return features;
}

// The convolutions behind it, with mmcv's order and names.
at::Tensor ExpectedPrompts(const AttnPrompter& prompter,
                           const at::Tensor& features,
                           const at::Tensor& position) {
  const auto p = prompter->named_parameters();
  const double running = 1 / std::sqrt(1 + 1e-5);  // mean 0, variance 1
  const auto block = [&](const at::Tensor& x, const std::string& name,
                         int64_t stride, int64_t padding) {
    const at::Tensor y =
        at::conv2d(x, p[name + ".conv.weight"], {}, stride, padding);
    return at::gelu(y * running * p[name + ".bn.weight"].view({-1, 1, 1}) +
                    p[name + ".bn.bias"].view({-1, 1, 1}));
  };
  at::Tensor map =
      features.transpose(1, 2).reshape({2, 3 * kWidth, kGrid, kGrid});
  map = block(map, "prompter_down_channel", 1, 0);
  if (position.defined()) map = map + position.permute({2, 0, 1});
  map = block(map, "prompter_down_spatial.0", 2, 1);
  map = block(map, "prompter_down_spatial.1", 2, 1);
  map = at::conv2d(map, p["prompter_down_spatial.2.conv.weight"],
                   p["prompter_down_spatial.2.conv.bias"]);
  return map.flatten(2).transpose(1, 2);
}

TEST(AttnPrompter, FollowsThePaperByDefault) {
  const PrompterInput input = MakeInput();
  AttnPrompter prompter = MakePrompter("");
  const Prompts prompts = prompter->forward({input}, nullptr)[0];
  ASSERT_EQ(prompts.sparse.sizes(), at::IntArrayRef({2, 4, kWidth}));
  EXPECT_THAT(
      prompts.sparse,
      TensorNear(
          ExpectedPrompts(
              prompter, ExpectedFeatures(input, false, false, true, false), {}),
          1e-5));
  EXPECT_NEAR(
      prompts.activation[1][0][2][3].item<double>(),
      input.patches[1][2 * kGrid + 3].dot(input.sentence[1]).item<double>(),
      1e-5);
}

TEST(AttnPrompter, FollowsTheReleasedCodeWhereSwitchesSaySo) {
  const PrompterInput input = MakeInput();
  AttnPrompter prompter = MakePrompter(
      "similarity: COSINE_SCALED local_combine: AVERAGE global_residual: false "
      "add_sam_position: true concat_order: LOCAL_GLOBAL_IMAGE");
  const Prompts prompts = prompter->forward({input}, nullptr)[0];
  EXPECT_THAT(
      prompts.sparse,
      TensorNear(ExpectedPrompts(
                     prompter, ExpectedFeatures(input, true, true, false, true),
                     input.position),
                 1e-5));
  EXPECT_NEAR(prompts.activation[0][0][5][0].item<double>(),
              Similarity{true}(input.patches[0][5 * kGrid], input.sentence[0]),
              1e-5);
}

TEST(AttnPrompter, HasOnePromptPerCellOfTheDownsampledGrid) {
  const PrompterInput input = MakeInput();
  const auto prompts_at = [&input](const char* rate) {
    return MakePrompter(std::string("downsampling: ") + rate)
        ->forward({input}, nullptr)[0]
        .sparse.size(1);
  };
  EXPECT_EQ(prompts_at("2"), 9);
  EXPECT_EQ(prompts_at("4"), 4);
  EXPECT_EQ(prompts_at("8"), 1);
}

TEST(AttnPrompter, HasNoConvolutionsWithoutSparsePrompts) {
  AttnPrompter prompter = MakePrompter("prompts: DENSE");
  EXPECT_TRUE(prompter->parameters().empty());
  const Prompts prompts = prompter->forward({MakeInput()}, nullptr)[0];
  EXPECT_FALSE(prompts.sparse.defined());
  EXPECT_EQ(prompts.activation.sizes(), at::IntArrayRef({2, 1, kGrid, kGrid}));
}

TEST(AttnPrompter, RefusesFeaturesOfDifferentWidths) {
  PrompterInput input = MakeInput();
  input.tokens = torch::randn({2, 5, kWidth + 1});
  EXPECT_THROW(MakePrompter("")->forward({input}, nullptr), c10::Error);
}

}  // namespace
}  // namespace transect
