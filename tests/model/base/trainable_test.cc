#include "model/base/trainable.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

TensorInfo Row(const std::string& name, bool trainable) {
  TensorInfo info;
  info.name = name;
  info.trainable = trainable;
  return info;
}

TEST(SetTrainable, FollowsTheTable) {
  const torch::nn::Linear layer(2, 2);
  ASSERT_THAT(SetTrainable(*layer, {Row("weight", false), Row("bias", true),
                                    Row("not.in.the.module", true)}),
              IsOk());
  EXPECT_FALSE(layer->weight.requires_grad());
  EXPECT_TRUE(layer->bias.requires_grad());
}

TEST(SetTrainable, NamesAParameterThatIsNotListed) {
  const torch::nn::Linear layer(2, 2);
  EXPECT_THAT(SetTrainable(*layer, {Row("weight", true)}),
              StatusIs(absl::StatusCode::kInternal,
                       testing::HasSubstr("parameter bias is not in")));
}

TEST(PlaceTensors, FrozenParametersTakeTheTypeAndTrainedOnesStayInFull) {
  torch::nn::Linear layer(2, 2);
  layer->register_parameter("scale", torch::ones({1}));
  ASSERT_THAT(SetTrainable(*layer, {Row("weight", false), Row("bias", true),
                                    Row("scale", false)}),
              IsOk());
  BuildOptions options;
  options.compute = at::kBFloat16;
  PlaceTensors(*layer, options);
  EXPECT_EQ(layer->weight.scalar_type(), at::kBFloat16);
  EXPECT_EQ(layer->weight.sizes(), at::IntArrayRef({2, 2}));
  EXPECT_EQ(layer->bias.scalar_type(), at::kFloat);
  EXPECT_TRUE(layer->bias.requires_grad());
  // A single number costs nothing in full.
  EXPECT_EQ(layer->named_parameters()["scale"].scalar_type(), at::kFloat);
}

}  // namespace
}  // namespace transect
