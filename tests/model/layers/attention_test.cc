#include "model/layers/attention.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <vector>

#include "tests/model/testing/tensor_near.h"

namespace transect {
namespace {

// The definition, with the bias of every pair written out.
at::Tensor DirectRelativeAttention(const at::Tensor& q, const at::Tensor& k,
                                   const at::Tensor& v, const at::Tensor& rel_h,
                                   const at::Tensor& rel_w) {
  const int64_t height = rel_h.size(0), width = rel_w.size(0);
  const at::Tensor tokens = at::arange(height * width, at::kLong);
  // The tables of each query, [N, H or W, D].
  const at::Tensor of_row = at::einsum(
      "bnid,iad->bnia",
      {q, rel_h.index({tokens.div(width, /*rounding_mode=*/"floor")})});
  const at::Tensor of_column =
      at::einsum("bnid,iad->bnia", {q, rel_w.index({tokens.remainder(width)})});
  const at::Tensor scores =
      q.matmul(k.transpose(-1, -2)) /
          std::sqrt(static_cast<double>(q.size(3))) +
      (of_row.unsqueeze(4) + of_column.unsqueeze(3)).flatten(3);
  return scores.softmax(-1).matmul(v);
}

// Values and gradients, those of the tables where they are trained.
void ExpectDirect(int64_t batch, int64_t height, int64_t width,
                  bool trains_tables) {
  constexpr double kTolerance = 1e-12;
  torch::manual_seed(1);
  const auto leaf = [](at::IntArrayRef shape, bool trained) {
    return torch::randn(shape, torch::kDouble).requires_grad_(trained);
  };
  const auto heads = [&] {
    return leaf({batch, 3, height * width, 5}, /*trained=*/true);
  };
  const std::vector<at::Tensor> inputs = {
      heads(), heads(), heads(), leaf({height, height, 5}, trains_tables),
      leaf({width, width, 5}, trains_tables)};
  const at::Tensor ours =
      RelativeAttention(inputs[0], inputs[1], inputs[2], inputs[3], inputs[4],
                        GridOneHot(height, width).to(torch::kDouble));
  const at::Tensor direct = DirectRelativeAttention(
      inputs[0], inputs[1], inputs[2], inputs[3], inputs[4]);
  EXPECT_THAT(ours, TensorNear(direct, kTolerance));
  const at::Tensor gradient = torch::randn_like(ours);
  std::vector<at::Tensor> trained = inputs;
  if (!trains_tables) trained.resize(3);
  const auto gradients = [&](const at::Tensor& y) {
    return torch::autograd::grad({y}, trained, {gradient});
  };
  const std::vector<at::Tensor> of_ours = gradients(ours);
  const std::vector<at::Tensor> of_direct = gradients(direct);
  for (size_t i = 0; i < trained.size(); ++i) {
    EXPECT_THAT(of_ours[i], TensorNear(of_direct[i], kTolerance))
        << "input " << i;
  }
}

TEST(RelativeAttention, EqualsItsDefinition) {
  ExpectDirect(2, 3, 2, /*trains_tables=*/false);
  ExpectDirect(2, 3, 2, /*trains_tables=*/true);
  ExpectDirect(1, 1, 7, /*trains_tables=*/true);
}

TEST(RelativeAttention, EqualsItsDefinitionInManyTiles) {
  ExpectDirect(1, 38, 39, /*trains_tables=*/true);    // Rows of a matrix each.
  ExpectDirect(30, 16, 12, /*trains_tables=*/false);  // Some matrices each.
}

// In half precision what is summed is in fp32: as near as rounding the inputs
// and the result allows.
TEST(RelativeAttention, ComputesScoresInFp32) {
  torch::manual_seed(1);
  const auto heads = [] { return torch::randn({1, 2, 12 * 12, 16}) * 3; };
  const at::Tensor q = heads().to(at::kBFloat16), k = heads().to(at::kBFloat16),
                   v = heads().to(at::kBFloat16);
  const at::Tensor rel_h = torch::randn({12, 12, 16}).to(at::kBFloat16),
                   rel_w = torch::randn({12, 12, 16}).to(at::kBFloat16);
  const auto in = [](const at::Tensor& x) { return x.to(at::kDouble); };
  const at::Tensor exact =
      DirectRelativeAttention(in(q), in(k), in(v), in(rel_h), in(rel_w));
  const at::Tensor ours = in(RelativeAttention(
      q, k, v, rel_h, rel_w, GridOneHot(12, 12).to(at::kBFloat16)));
  // A probability and the result are each rounded to 8 bits.
  EXPECT_LE((ours - exact).norm().item<double>(),
            0.004 * exact.norm().item<double>());
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
