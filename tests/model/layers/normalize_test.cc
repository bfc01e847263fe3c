#include "model/layers/normalize.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace transect {
namespace {

TEST(NormalizeForSam, UsesImagenetsStatisticsPerChannel) {
  const at::Tensor image = torch::full({1, 3, 2, 2}, 0.5);
  const at::Tensor normalized = NormalizeForSam(image);
  EXPECT_NEAR(normalized[0][0][1][0].item<double>(), (0.5 - 0.485) / 0.229,
              1e-6);
  EXPECT_NEAR(normalized[0][1][0][1].item<double>(), (0.5 - 0.456) / 0.224,
              1e-6);
  EXPECT_NEAR(normalized[0][2][0][0].item<double>(), (0.5 - 0.406) / 0.225,
              1e-6);
}

// Half a pixel of the smaller image is one pixel of the larger: with corners
// that are not aligned, output i of 2 to 1 is the mean of pixels 2i, 2i + 1; an
// antialiased resize from 4 to 1 would be the mean of all four.
TEST(NormalizeForSiglip, ResizesWithoutAntialiasingAfterNormalizing) {
  const at::Tensor image =
      torch::tensor({0.0f, 0.25f, 0.5f, 1.0f}).expand({1, 3, 4, 4});
  const at::Tensor half = NormalizeForSiglip(image, 2);
  ASSERT_EQ(half.sizes(), at::IntArrayRef({1, 3, 2, 2}));
  EXPECT_NEAR(half[0][0][0][0].item<double>(), 2 * 0.125 - 1, 1e-6);
  EXPECT_NEAR(half[0][2][1][1].item<double>(), 2 * 0.75 - 1, 1e-6);
  EXPECT_NEAR(NormalizeForSiglip(image, 1)[0][0][0][0].item<double>(),
              2 * 0.375 - 1, 1e-6);
  EXPECT_TRUE(NormalizeForSiglip(image, 4).equal(image * 2 - 1));
}

}  // namespace
}  // namespace transect
