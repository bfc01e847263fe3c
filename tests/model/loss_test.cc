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

TEST(SegmentationLoss, PixelsThatDoNotCountChangeNothing) {
  const ModelOutput output = MakeOutput();
  const at::Tensor mask = MakeMask();
  const LossWeights weights = {.bce_weight = 2, .activation_weight = 0.5};
  const at::Tensor all = torch::ones_like(mask);
  EXPECT_THAT(SegmentationLoss(output, mask, weights, all),
              TensorNear(SegmentationLoss(output, mask, weights), 1e-6));
  // Of the first image a cell and a half, of the second everything.
  at::Tensor counted = all.clone();
  counted[0].slice(1, 0, 4).slice(2, 0, 6).zero_();
  counted[1].zero_();
  const at::Tensor loss = SegmentationLoss(output, mask, weights, counted);
  EXPECT_THAT(SegmentationLoss(output, at::where(counted > 0, mask, 1 - mask),
                               weights, counted),
              TensorNear(loss, 1e-6));

  // By hand, over the pixels and cells of the first image.
  const at::Tensor logits =
      at::upsample_bilinear2d(output.mask_logits, {16, 16}, false)[0][0];
  const at::Tensor inside = counted[0][0] > 0;
  const at::Tensor pixels = CrossEntropy(logits.masked_select(inside),
                                         mask[0][0].masked_select(inside));
  const at::Tensor share = at::avg_pool2d(counted, {4, 4})[0][0];
  const at::Tensor cell =
      at::avg_pool2d(mask * counted, {4, 4})[0][0] / share.clamp_min(1e-9);
  const at::Tensor p = output.activation_logits[0][0].sigmoid();
  const at::Tensor each = -(cell * p.log() + (1 - cell) * (1 - p).log());
  const at::Tensor cells = (each * share).sum() / share.sum();
  // An image without a pixel that counts adds nothing to the sum of two.
  EXPECT_THAT(loss, TensorNear((pixels * 2 + cells * 0.5) / 2, 1e-5));
}

TEST(SegmentationLoss, PixelsThatDoNotCountGetNoGradient) {
  ModelOutput output = MakeOutput();
  output.mask_logits = torch::randn({2, 1, 16, 16}).requires_grad_(true);
  const at::Tensor mask = MakeMask();
  at::Tensor counted = torch::ones_like(mask);
  counted[0].slice(1, 0, 4).zero_();
  counted[1].zero_();
  SegmentationLoss(output, mask, {}, counted).backward();
  EXPECT_TRUE(output.mask_logits.grad().ne(0).equal(counted > 0));
  EXPECT_THROW(SegmentationLoss(output, mask, {}, counted.slice(0, 0, 1)),
               c10::Error);
}

}  // namespace
}  // namespace transect
