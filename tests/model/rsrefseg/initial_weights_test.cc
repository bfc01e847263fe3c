#include "model/rsrefseg/initial_weights.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "model/rsrefseg/rsrefseg.h"
#include "tests/model/testing/tiny_model.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

TEST(DrawInitialWeights, GivesEveryTensorItsRule) {
  ASSERT_OK_AND_ASSIGN(
      const std::shared_ptr<RsRefSeg> model,
      RsRefSeg::Compose(TinySpec(), /*seed=*/1, BuildOptions()));
  DrawInitialWeights(*model, /*seed=*/1);
  const auto p = model->named_parameters();
  const auto deviation = [&p](const char* name) {
    return p[name].std().item<double>();
  };
  const auto constant = [&p](const char* name, double value) {
    return p[name].eq(value).all().item<bool>();
  };
  EXPECT_NEAR(p["siglip.logit_scale"].item<double>(), std::log(10.0), 1e-6);
  EXPECT_TRUE(constant("siglip.logit_bias", -10));
  EXPECT_TRUE(constant("siglip.vision_model.post_layernorm.weight", 1));
  EXPECT_TRUE(constant("sam.vision_encoder.neck.layer_norm1.bias", 0));
  EXPECT_TRUE(constant("sam.mask_decoder.upscale_layer_norm.weight", 1));
  EXPECT_TRUE(constant("prompter.prompter_down_channel.bn.weight", 1));
  EXPECT_TRUE(
      constant("sam.vision_encoder.layers.0.attn.qkv.lora_B.weight", 0));
  EXPECT_NEAR(deviation("siglip.text_model.embeddings.token_embedding.weight"),
              0.125, 0.005);
  EXPECT_NEAR(deviation("sam.vision_encoder.pos_embed"), 0.02, 0.001);
  EXPECT_NEAR(deviation("sam.mask_decoder.mask_tokens.weight"), 1, 0.2);
  // Uniform in 1 / sqrt(64), bias included.
  EXPECT_NEAR(deviation("sam.vision_encoder.layers.0.attn.qkv.weight"),
              0.125 / std::sqrt(3.0), 0.003);
  EXPECT_LT(
      p["sam.vision_encoder.layers.0.attn.qkv.bias"].abs().max().item<double>(),
      0.125);
  // Kaiming over fan_out 9 * 64.
  EXPECT_NEAR(deviation("prompter.prompter_down_spatial.0.conv.weight"),
              std::sqrt(2.0 / 576), 0.002);
  EXPECT_NEAR(
      model->named_buffers()["sam.shared_image_embedding.positional_embedding"]
          .std()
          .item<double>(),
      1, 0.3);
}

TEST(DrawInitialWeights, RefusesAParameterWithoutARule) {
  torch::nn::Module other;
  other.register_parameter("strange", torch::empty({3}));
  EXPECT_THROW(DrawInitialWeights(other, 1), c10::Error);
}

}  // namespace
}  // namespace transect
