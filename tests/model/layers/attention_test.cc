#include "model/layers/attention.h"

#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/model/testing/tensor_near.h"

namespace transect {
namespace {

// [B, N, heads * D] as [B, heads, N, D].
at::Tensor Heads(const at::Tensor& x, int64_t heads) {
  return x.view({x.size(0), x.size(1), heads, -1}).transpose(1, 2);
}

// The definition, with the matrix of scores; `places` is added to it if
// defined.
at::Tensor Direct(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  int64_t heads, const at::Tensor& places = {}) {
  const at::Tensor queries = Heads(q, heads);
  at::Tensor scores = queries.matmul(Heads(k, heads).transpose(-1, -2)) /
                      std::sqrt(static_cast<double>(queries.size(3)));
  if (places.defined()) scores = scores + places;
  return scores.softmax(-1).matmul(Heads(v, heads)).transpose(1, 2).flatten(2);
}

// The definition, with the bias of every pair written out.
at::Tensor DirectRelative(const at::Tensor& qkv, int64_t heads,
                          const at::Tensor& rel_h, const at::Tensor& rel_w) {
  const int64_t height = rel_h.size(0), width = rel_w.size(0);
  const std::vector<at::Tensor> parts = qkv.chunk(3, /*dim=*/2);
  const at::Tensor q = Heads(parts[0], heads);
  const at::Tensor tokens = at::arange(height * width, at::kLong);
  // The tables of each query, [N, H or W, D].
  const at::Tensor of_row = at::einsum(
      "bnid,iad->bnia",
      {q, rel_h.index({tokens.div(width, /*rounding_mode=*/"floor")})});
  const at::Tensor of_column =
      at::einsum("bnid,iad->bnia", {q, rel_w.index({tokens.remainder(width)})});
  return Direct(parts[0], parts[1], parts[2], heads,
                (of_row.unsqueeze(4) + of_column.unsqueeze(3)).flatten(3));
}

at::Tensor OneHot(const at::Tensor& rel_h, const at::Tensor& rel_w) {
  return GridOneHot(rel_h.size(0), rel_w.size(0)).to(rel_h.scalar_type());
}

at::Tensor Leaf(at::IntArrayRef shape, at::ScalarType type,
                bool trained = true) {
  return torch::randn(shape, torch::kDouble).to(type).requires_grad_(trained);
}

// What one operation and another make of the same inputs.
struct Outcome {
  at::Tensor y;
  std::vector<at::Tensor> gradients;
};
template <typename Operation>
Outcome OutcomeOf(Operation operation, const std::vector<at::Tensor>& in,
                  const at::Tensor& dy) {
  std::vector<at::Tensor> trained;
  for (const at::Tensor& x : in) {
    if (x.requires_grad()) trained.push_back(x);
  }
  const at::Tensor y = operation(in);
  return {y, torch::autograd::grad({y}, trained, {dy})};
}

std::vector<at::Tensor> InDouble(const std::vector<at::Tensor>& in) {
  std::vector<at::Tensor> wide;
  for (const at::Tensor& x : in) {
    wide.push_back(
        x.detach().to(torch::kDouble).requires_grad_(x.requires_grad()));
  }
  return wide;
}

double ErrorOf(const at::Tensor& x, const at::Tensor& exact) {
  return (x.to(torch::kDouble) - exact).norm().item<double>() /
         exact.norm().item<double>();
}

// Values and gradients against the definition in double, by the norm of the
// difference.
template <typename Ours, typename Definition>
void ExpectNear(Ours ours, Definition definition,
                const std::vector<at::Tensor>& in, double tolerance) {
  const std::vector<at::Tensor> wide = InDouble(in);
  at::Tensor dy;
  {
    const at::NoGradGuard guard;
    dy = torch::randn_like(definition(wide)).to(in[0].scalar_type());
  }
  const Outcome got = OutcomeOf(ours, in, dy);
  const Outcome exact = OutcomeOf(definition, wide, dy.to(torch::kDouble));
  EXPECT_EQ(got.y.scalar_type(), in[0].scalar_type());
  EXPECT_LE(ErrorOf(got.y, exact.y), tolerance);
  ASSERT_EQ(got.gradients.size(), exact.gradients.size());
  for (size_t i = 0; i < exact.gradients.size(); ++i) {
    EXPECT_LE(ErrorOf(got.gradients[i], exact.gradients[i]), tolerance)
        << "gradient " << i;
  }
}

struct Precision {
  at::ScalarType type;
  double tolerance;
};

// In half precision as near as rounding inputs, probabilities and results
// allows: 2^-9 each for bfloat16, 2^-12 for half.
class Attentions : public testing::TestWithParam<Precision> {
 protected:
  void SetUp() override { torch::manual_seed(1); }

  void ExpectRelative(int64_t batch, int64_t height, int64_t width,
                      int64_t size, bool trains_tables) {
    const auto [type, tolerance] = GetParam();
    constexpr int64_t kHeads = 3;
    ExpectNear(
        [&](const std::vector<at::Tensor>& in) {
          return RelativeAttention(in[0], kHeads, in[1], in[2],
                                   OneHot(in[1], in[2]));
        },
        [&](const std::vector<at::Tensor>& in) {
          return DirectRelative(in[0], kHeads, in[1], in[2]);
        },
        {Leaf({batch, height * width, 3 * kHeads * size}, type),
         Leaf({height, height, size}, type, trains_tables),
         Leaf({width, width, size}, type, trains_tables)},
        tolerance);
  }

  void ExpectPlain(int64_t batch, int64_t queries, int64_t keys, int64_t size) {
    const auto [type, tolerance] = GetParam();
    constexpr int64_t kHeads = 2;
    ExpectNear(
        [&](const std::vector<at::Tensor>& in) {
          return Attention(in[0], in[1], in[2], kHeads);
        },
        [&](const std::vector<at::Tensor>& in) {
          return Direct(in[0], in[1], in[2], kHeads);
        },
        {Leaf({batch, queries, kHeads * size}, type),
         Leaf({batch, keys, kHeads * size}, type),
         Leaf({batch, keys, kHeads * size}, type)},
        tolerance);
  }
};

TEST_P(Attentions, WithPositionsEqualTheirDefinition) {
  ExpectRelative(2, 3, 2, /*size=*/5, /*trains_tables=*/false);
  ExpectRelative(2, 3, 2, /*size=*/5, /*trains_tables=*/true);
  ExpectRelative(1, 14, 14, /*size=*/16, /*trains_tables=*/false);
}

// Several blocks of queries and of keys, of which the last are not whole.
TEST_P(Attentions, WithPositionsEqualTheirDefinitionInBlocks) {
  ExpectRelative(1, 38, 17, /*size=*/8, /*trains_tables=*/true);
}

TEST_P(Attentions, EqualTheirDefinition) {
  ExpectPlain(2, 4, 9, /*size=*/6);
  ExpectPlain(1, 1, 5, /*size=*/3);
}

TEST_P(Attentions, EqualTheirDefinitionInBlocks) {
  ExpectPlain(1, 131, 1101, /*size=*/4);
}

INSTANTIATE_TEST_SUITE_P(Types, Attentions,
                         testing::Values(Precision{at::kDouble, 1e-13},
                                         Precision{at::kFloat, 5e-6},
                                         Precision{at::kHalf, 2e-3},
                                         Precision{at::kBFloat16, 1e-2}),
                         [](const testing::TestParamInfo<Precision>& info) {
                           return std::string(c10::toString(info.param.type));
                         });

TEST(RelativeAttention, HasTheSameBitsInABatchAndWithAnyThreads) {
  torch::manual_seed(1);
  const at::Tensor qkv = torch::randn({3, 6 * 5, 3 * 2 * 8}),
                   rel_h = torch::randn({6, 6, 8}),
                   rel_w = torch::randn({5, 5, 8});
  const auto of = [&](const at::Tensor& x) {
    return RelativeAttention(x, 2, rel_h, rel_w, OneHot(rel_h, rel_w));
  };
  const at::Tensor together = of(qkv);
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(of(qkv.slice(0, i, i + 1)).equal(together.slice(0, i, i + 1)));
  }
  const int threads = at::get_num_threads();
  at::set_num_threads(threads == 1 ? 2 : 1);
  EXPECT_TRUE(of(qkv).equal(together));
  at::set_num_threads(threads);
}

// Scores beyond where exp overflows, and differences beyond where it vanishes.
TEST(Attention, IsStableForLargeScores) {
  const at::Tensor q = torch::tensor({{{400.0F}, {-400.0F}}});
  const at::Tensor v = torch::tensor({{{1.0F}, {3.0F}}});
  EXPECT_THAT(Attention(q, q, v, 1), TensorNear(v, 0));
}

// A loss that is not finite must be seen.
TEST(Attention, KeepsWhatIsNotANumber) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    at::Tensor q = torch::ones({1, 2, 4}, type);
    q[0][1][2] = std::numeric_limits<float>::quiet_NaN();
    const at::Tensor y = Attention(q, torch::ones({1, 3, 4}, type),
                                   torch::ones({1, 3, 4}, type), 1);
    EXPECT_TRUE(y[0][0].isfinite().all().item<bool>());
    EXPECT_TRUE(y[0][1].isnan().all().item<bool>());
  }
}

TEST(Attention, KeepsKeysThatAreNotAllowedOut) {
  torch::manual_seed(1);
  const at::Tensor q = torch::randn({1, 4, 6}), k = torch::randn({1, 5, 6}),
                   v = torch::randn({1, 5, 6});
  const at::Tensor allowed =
      torch::tensor({true, true, true, false, false}).view({1, 1, 1, 5});
  EXPECT_THAT(
      Attention(q, k, v, 2, allowed),
      TensorNear(Attention(q, k.slice(1, 0, 3), v.slice(1, 0, 3), 2), 1e-6));
}

TEST(RelativeIndex, IsQueryMinusKeyFromZero) {
  EXPECT_TRUE(RelativeIndex(3).equal(
      torch::tensor({2, 1, 0, 3, 2, 1, 4, 3, 2}, torch::kLong)));
}

}  // namespace
}  // namespace transect
