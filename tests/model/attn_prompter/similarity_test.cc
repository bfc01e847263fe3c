#include "model/attn_prompter/similarity.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

namespace transect {
namespace {

at::Tensor Vectors(std::vector<float> values, int64_t rows) {
  return torch::tensor(values).view({1, rows, 2});
}

TEST(PatchTextSimilarity, IsTheDotProductWithoutScaleOrNorm) {
  const PatchTextSimilarity similarity(PrompterSpec::DOT,
                                       Vectors({3, 4, 0, 2, 1, 0}, 3), {}, {});
  const at::Tensor result = similarity.To(Vectors({1, 0, 0, 2}, 2));
  EXPECT_TRUE(result.equal(
      torch::tensor({3.0f, 8.0f, 0.0f, 4.0f, 1.0f, 0.0f}).view({1, 3, 2})));
}

TEST(PatchTextSimilarity, IsTheScaledCosineWithBias) {
  const PatchTextSimilarity similarity(
      PrompterSpec::COSINE_SCALED, Vectors({3, 4, 0, 2}, 2),
      torch::tensor({std::log(10.0f)}), torch::tensor({-1.0f}));
  const at::Tensor result = similarity.To(Vectors({5, 0}, 1));
  EXPECT_NEAR(result[0][0][0].item<double>(), 10 * 0.6 - 1, 1e-5);
  EXPECT_NEAR(result[0][1][0].item<double>(), -1, 1e-5);
}

}  // namespace
}  // namespace transect
