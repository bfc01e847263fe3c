#include "model/layers/attention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "tests/model/testing/tensor_near.h"

namespace transect {
namespace {

// The definition, with the bias of every pair written out.
at::Tensor DirectRelativeAttention(const at::Tensor& q, const at::Tensor& k,
                                   const at::Tensor& v, const at::Tensor& rel_h,
                                   const at::Tensor& rel_w) {
  const int64_t height = rel_h.size(0), width = rel_w.size(0);
  at::Tensor scores =
      q.matmul(k.transpose(-1, -2)) / std::sqrt(static_cast<double>(q.size(3)));
  for (int64_t i = 0; i < height * width; ++i) {
    const at::Tensor query = q.select(2, i);  // [B, Nh, D]
    const at::Tensor of_row = query.matmul(rel_h[i / width].t());
    const at::Tensor of_column = query.matmul(rel_w[i % width].t());
    scores.select(2, i) +=
        (of_row.unsqueeze(3) + of_column.unsqueeze(2)).flatten(2);
  }
  return scores.softmax(-1).matmul(v);
}

void ExpectDirect(int64_t height, int64_t width, double tolerance) {
  torch::manual_seed(1);
  const auto options = torch::TensorOptions().dtype(torch::kDouble);
  const auto heads = [&] {
    return torch::randn({2, 3, height * width, 5}, options);
  };
  const at::Tensor q = heads(), k = heads(), v = heads();
  const at::Tensor rel_h = torch::randn({height, height, 5}, options);
  const at::Tensor rel_w = torch::randn({width, width, 5}, options);
  EXPECT_THAT(
      RelativeAttention(q, k, v, rel_h, rel_w,
                        GridOneHot(height, width).to(torch::kDouble)),
      TensorNear(DirectRelativeAttention(q, k, v, rel_h, rel_w), tolerance));
}

TEST(RelativeAttention, EqualsItsDefinition) {
  ExpectDirect(3, 2, 1e-12);
  ExpectDirect(1, 7, 1e-12);
}

TEST(RelativeAttention, EqualsItsDefinitionOnLargeGridsToo) {
  ExpectDirect(33, 32, 1e-12);  // More tokens than have explicit scores.
}

TEST(RelativeIndex, IsQueryMinusKeyFromZero) {
  EXPECT_TRUE(RelativeIndex(3).equal(
      torch::tensor({2, 1, 0, 3, 2, 1, 4, 3, 2}, torch::kLong)));
}

TEST(Attention, KeepsKeysThatAreNotAllowedOut) {
  torch::manual_seed(1);
  const at::Tensor q = torch::randn({1, 2, 4, 3}),
                   k = torch::randn({1, 2, 5, 3}),
                   v = torch::randn({1, 2, 5, 3});
  const at::Tensor allowed =
      torch::tensor({true, true, true, false, false}).view({1, 1, 1, 5});
  EXPECT_THAT(
      Attention(q, k, v, allowed),
      TensorNear(Attention(q, k.slice(2, 0, 3), v.slice(2, 0, 3)), 1e-6));
}

TEST(SplitHeads, IsUndoneByMergeHeads) {
  const at::Tensor x = torch::rand({2, 5, 12});
  EXPECT_EQ(SplitHeads(x, 4).sizes(), at::IntArrayRef({2, 4, 5, 3}));
  EXPECT_TRUE(MergeHeads(SplitHeads(x, 4)).equal(x));
}

}  // namespace
}  // namespace transect
