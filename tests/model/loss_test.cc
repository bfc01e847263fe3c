#include "model/loss.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include "tests/model/testing/tensor_near.h"

namespace transect {
namespace {

ModelOutput MakeOutput() {
  torch::manual_seed(1);
  return {.mask_logits = torch::randn({2, 1, 8, 8}),
          .activation_logits = torch::randn({2, 1, 4, 4})};
}

at::Tensor MakeMask() {
  return torch::rand({2, 1, 16, 16}).gt(0.5).to(torch::kFloat);
}

at::Tensor CrossEntropy(const at::Tensor& logits, const at::Tensor& target) {
  const at::Tensor p = logits.sigmoid();
  return -(target * p.log() + (1 - target) * (1 - p).log()).mean();
}

TEST(SegmentationLoss, IsTheMeanCrossEntropyAtTheSizeOfTheMask) {
  const ModelOutput output = MakeOutput();
  const at::Tensor mask = MakeMask();
  const at::Tensor resized =
      at::upsample_bilinear2d(output.mask_logits, {16, 16}, false);
  EXPECT_THAT(SegmentationLoss(output, mask, {.bce_weight = 5}),
              TensorNear(CrossEntropy(resized, mask) * 5, 1e-5));
}

TEST(SegmentationLoss, ComparesTheActivationWithTheAveragedMask) {
  const ModelOutput output = MakeOutput();
  const at::Tensor mask = MakeMask();
  const at::Tensor cells = at::avg_pool2d(mask, {4, 4});
  EXPECT_THAT(
      SegmentationLoss(output, mask,
                       {.bce_weight = 0, .activation_weight = 0.5}),
      TensorNear(CrossEntropy(output.activation_logits, cells) * 0.5, 1e-5));
}

TEST(SegmentationLoss, SaysThatThereIsNoActivationMap) {
  ModelOutput output = MakeOutput();
  output.activation_logits = at::Tensor();
  const at::Tensor mask = MakeMask();
  EXPECT_NO_THROW(SegmentationLoss(output, mask, {}));
  EXPECT_THROW(SegmentationLoss(output, mask, {.activation_weight = 1}),
               c10::Error);
}

TEST(SegmentationLoss, RefusesAMaskOfAnotherBatch) {
  EXPECT_THROW(SegmentationLoss(MakeOutput(), MakeMask().slice(0, 0, 1), {}),
               c10::Error);
}

}  // namespace
}  // namespace transect
