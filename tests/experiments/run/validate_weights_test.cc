#include "experiments/run/validate_weights.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/problems.h"
#include "experiments/experiment.pb.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/experiments/testing/sample_specs.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Lines(const Problems& problems) {
  std::vector<std::string> lines;
  for (const Problem& problem : problems.all()) {
    lines.push_back(absl::StrCat(problem.field, ": ", problem.message));
  }
  return lines;
}

std::vector<std::string> ProblemsOf(RunSpec run) {
  ResolveRun(&run);
  Problems problems;
  ValidateWeights(run, "weights", /*model_is_valid=*/true, &problems);
  return Lines(problems);
}

TEST(ValidateWeightsTest, EachSourceCanBeRight) {
  EXPECT_THAT(ProblemsOf(SampleRun()), IsEmpty());
  EXPECT_THAT(ProblemsOf(SampleRunFromTrained()), IsEmpty());
  RunSpec found = SampleRun();
  found.mutable_weights()->mutable_found()->set_sam_role("masks");
  found.mutable_weights()->mutable_adapters()->set_role("tuned");
  EXPECT_THAT(ProblemsOf(found), IsEmpty());
}

TEST(ValidateWeightsTest, RolesPartsAndAdaptersMustAgreeWithTheModel) {
  RunSpec run = SampleRun();
  run.clear_weights();
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("weights.source: is not set, must be random, trained "
                          "or found"));
  run.mutable_weights()->mutable_found();
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("weights.found: names no weights: set siglip_role, "
                          "sam_role or both"));
  run.mutable_weights()->mutable_found()->set_siglip_role("");
  run.mutable_weights()->add_parts(WeightsSpec::SIGLIP);
  run.mutable_weights()->add_parts(WeightsSpec::SAM);
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("weights.found.siglip_role: is empty, must name a "
                          "role of the site file",
                          "weights.found.sam_role: is not set, but parts asks "
                          "for SAM"));
  run = SampleRun();
  run.mutable_model()->mutable_rsrefseg()->set_tuning(RsRefSegSpec::ALL);
  run.mutable_weights()->mutable_adapters()->set_role("tuned");
  EXPECT_THAT(ProblemsOf(run),
              ElementsAre("weights.adapters: is set, but the model has no "
                          "adapters"));
}

TEST(ValidateWeightsTest, TakenTensorsMustHaveTheirShapes) {
  RunSpec run = SampleRunFromTrained();
  ResolveRun(&run);
  const ModelSpec& needs = run.model();
  ModelSpec has = run.weights().trained().run().model();
  Problems problems;
  ValidateTakenTensors(needs, has, run.weights(), "from", &problems);
  EXPECT_THAT(Lines(problems), IsEmpty());
  has.mutable_rsrefseg()->mutable_sam()->set_decoder_mlp_size(64);
  ValidateTakenTensors(needs, has, run.weights(), "from", &problems);
  EXPECT_THAT(Lines(problems),
              ElementsAre(HasSubstr("from: makes other tensors than the model "
                                    "takes from it, ")));
  // What is not taken need not be there.
  WeightsSpec siglip;
  siglip.add_parts(WeightsSpec::SIGLIP);
  Problems none;
  ValidateTakenTensors(needs, has, siglip, "from", &none);
  EXPECT_THAT(Lines(none), IsEmpty());
}

}  // namespace
}  // namespace transect
