#include "model/build_model.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "tests/model/testing/tiny_model.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

TEST(BuildModel, GivesANetworkInTrainingModeWithFiniteParameters) {
  ASSERT_OK_AND_ASSIGN(const std::shared_ptr<SegmentationModel> model,
                       BuildModel(TinySpec(), /*seed=*/1));
  EXPECT_TRUE(model->is_training());
  for (const auto& parameter : model->named_parameters()) {
    EXPECT_TRUE(parameter.value().isfinite().all().item<bool>())
        << parameter.key();
    EXPECT_EQ(parameter.value().scalar_type(), at::kFloat);
  }
}

TEST(BuildModel, RefusesASpecWithoutANetwork) {
  EXPECT_THAT(BuildModel(ModelSpec(), 1),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       testing::HasSubstr("no network is set")));
}

}  // namespace
}  // namespace transect
