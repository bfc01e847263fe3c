#include "model/base/runtime.h"

#include <ATen/Context.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

TEST(Runtime, ComputesReproducibly) {
  ComputeReproducibly(1);
  EXPECT_TRUE(at::globalContext().deterministicAlgorithms());
  EXPECT_FALSE(at::globalContext().allowTF32CuBLAS());
  EXPECT_STREQ(getenv("CUBLAS_WORKSPACE_CONFIG"), ":4096:8");
}

TEST(Runtime, NamesTheInstructionSetOfItsKernels) {
  EXPECT_THAT(CpuKernels(), testing::MatchesRegex("AVX512.*|AVX2|DEFAULT"));
}

TEST(Runtime, SaysWhatIsMissingWhereAGpuIsWanted) {
  const auto gpu = OpenGpu(0);
  if (!BuiltWithCuda()) {
    EXPECT_THAT(gpu, StatusIs(absl::StatusCode::kUnimplemented,
                              testing::HasSubstr("without --config=cuda")));
    return;
  }
  if (gpu.ok()) {
    EXPECT_TRUE(gpu->is_cuda());
    EXPECT_THAT(OpenGpu(1000), StatusIs(absl::StatusCode::kFailedPrecondition,
                                        testing::HasSubstr("GPU 1000")));
  } else {
    EXPECT_THAT(gpu, StatusIs(absl::StatusCode::kFailedPrecondition,
                              testing::HasSubstr("no GPU to compute on")));
  }
}

}  // namespace
}  // namespace transect
