#include "model/layers/computed_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>
#include <string>

#include "model/build_model.h"
#include "tests/model/testing/tiny_model.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

// Every trained tensor gets values that half precision does not have.
std::shared_ptr<SegmentationModel> TrainedModel(const ModelSpec& spec,
                                                at::ScalarType compute) {
  BuildOptions options;
  options.compute = compute;
  const auto model = BuildModel(spec, /*seed=*/1, options);
  EXPECT_THAT(model, IsOk());
  torch::manual_seed(2);
  const torch::NoGradGuard no_grad;
  for (const at::Tensor& parameter : (*model)->parameters()) {
    if (parameter.requires_grad()) {
      parameter.add_(0.05 * torch::randn(parameter.sizes()));
    }
  }
  (*model)->eval();
  return *model;
}

at::Tensor Logits(SegmentationModel& model) {
  return model.Forward(MakeTinyBatch(2).input).mask_logits;
}

// So these are the values that the network computed with.
TEST(ToComputedValues, KeepsEveryBitOfTheOutput) {
  at::set_num_threads(1);
  const torch::NoGradGuard no_grad;
  for (const at::ScalarType type : {at::kBFloat16, at::kHalf}) {
    for (const char* overrides : {"", "preset: RELEASED_CODE", "tuning: ALL"}) {
      SCOPED_TRACE(overrides);
      const auto model = TrainedModel(TinySpec(overrides), type);
      const at::Tensor before = Logits(*model);
      ToComputedValues(*model, type);
      EXPECT_TRUE(Logits(*model).equal(before));
      int rounded = 0;
      for (const auto& parameter : model->named_parameters()) {
        const at::Tensor& value = parameter.value();
        EXPECT_EQ(value.scalar_type(), at::kFloat) << parameter.key();
        const bool exact = value.equal(value.to(type).to(at::kFloat));
        // What stays in fp32 is needed to keep the bits.
        const bool full = value.numel() == 1 ||
                          parameter.key().find(".bn.") != std::string::npos;
        EXPECT_TRUE(exact || full) << parameter.key();
        rounded += exact;
      }
      EXPECT_GT(rounded, 50);
    }
  }
}

TEST(ToComputedValues, InFullPrecisionChangesNothing) {
  const auto model = TrainedModel(TinySpec(), at::kFloat);
  const auto same = TrainedModel(TinySpec(), at::kFloat);
  ToComputedValues(*model, at::kFloat);
  const auto expected = same->named_parameters();
  for (const auto& parameter : model->named_parameters()) {
    EXPECT_TRUE(parameter.value().equal(expected[parameter.key()]))
        << parameter.key();
  }
}

}  // namespace
}  // namespace transect
