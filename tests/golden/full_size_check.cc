// Compares RSRefSeg at its published sizes with the packages, from files that
// make_full_size.py wrote:
//
//   bazel run //tests/golden:full_size_check -- DIR
//
// Needs 8 GB (b) or 10 GB (l) and some minutes; not part of `bazel test //...`.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <iostream>
#include <string>

#include "tests/golden/golden_case.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

std::string* directory = new std::string;

// 27 layers of fp32 against fp64.
constexpr double kActivationTolerance = 1e-4;
constexpr double kGradientTolerance = 1e-4;

TEST(FullSize, WholeHasTheActivationsOfTheReference) {
  ASSERT_OK_AND_ASSIGN(const GoldenCase golden,
                       GoldenCase::Load(*directory + "/whole"));
  ExpectStages(golden, kActivationTolerance);
}

TEST(FullSize, WholeInBf16LosesLittleMoreThanThePackagesDo) {
  ASSERT_OK_AND_ASSIGN(
      const GoldenCase golden,
      GoldenCase::Load(*directory + "/whole", {.compute = at::kBFloat16}));
  ExpectBf16Stages(golden);
}

TEST(FullSize, EveryTrainedTensorOfFullWidthHasTheGradientOfTheReference) {
  ASSERT_OK_AND_ASSIGN(const GoldenCase golden,
                       GoldenCase::Load(*directory + "/thin"));
  EXPECT_GT(ExpectGradients(golden, kGradientTolerance), 150);
}

}  // namespace
}  // namespace transect

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) {
    std::cerr << "usage: full_size_check DIR (of make_full_size.py)\n";
    return 1;
  }
  *transect::directory = argv[1];
  return RUN_ALL_TESTS();
}
