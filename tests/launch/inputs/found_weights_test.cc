#include "launch/inputs/found_weights.h"

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "data/io/textproto.h"
#include "experiments/experiment.pb.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/model.pb.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::_;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// make_hugging_face.py.
constexpr char kPublished[] = "tests/golden/testdata/published";

RunSpec PublishedRun() {
  RunSpec run;
  *run.mutable_model() = *ReadTextproto<ModelSpec>(std::string(kPublished) +
                                                   "/published.textproto");
  run.mutable_weights()->mutable_found()->set_siglip_role("siglip");
  run.mutable_weights()->mutable_found()->set_sam_role("sam");
  run.mutable_weights()->mutable_adapters()->set_role("mine");
  run.mutable_weights()->mutable_adapters()->add_parts(
      FoundAdapters::SAM_VISION);
  ResolveRun(&run);
  return run;
}

std::map<std::string, std::string> Directories() {
  const std::string root = kPublished;
  return {{"siglip", root + "/siglip"},
          {"sam", root + "/sam"},
          {"mine", root + "/adapters"}};
}

TEST(FoundWeightFilesTest, OfPublishedWeightsConfigurationAndTensors) {
  EXPECT_THAT(FoundWeightFiles(std::string(kPublished) + "/sam"),
              IsOkAndHolds(ElementsAre("config.json", "model.safetensors")));
  EXPECT_THAT(
      FoundWeightFiles(std::string(kPublished) + "/siglip"),
      IsOkAndHolds(ElementsAre(
          "config.json", "model-00001-of-00005.safetensors",
          "model-00002-of-00005.safetensors",
          "model-00003-of-00005.safetensors",
          "model-00004-of-00005.safetensors",
          "model-00005-of-00005.safetensors", "model.safetensors.index.json")));
}

TEST(FoundWeightFilesTest, OfAnExportAdaptersAndTheRest) {
  const std::string directory = NewDir();
  Put(directory + "/sam_vision/adapter_model.safetensors", "");
  Put(directory + "/sam_vision/adapter_config.json", "");
  Put(directory + "/sam_vision/README.md", "");
  Put(directory + "/rest.safetensors", "");
  EXPECT_THAT(FoundWeightFiles(directory),
              IsOkAndHolds(ElementsAre(
                  "rest.safetensors", "sam_vision/adapter_config.json",
                  "sam_vision/adapter_model.safetensors")));
}

TEST(FoundWeightFilesTest, RefusesPicklesAndDirectoriesOfOtherThings) {
  const std::string directory = NewDir();
  EXPECT_THAT(FoundWeightFiles(directory),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("is neither")));
  Put(directory + "/config.json", "{}");
  Put(directory + "/pytorch_model.bin", "");
  EXPECT_THAT(FoundWeightFiles(directory),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("pickles, which can run code")));
}

std::vector<WeightsFitByRole> Check(const std::vector<RunSpec>& runs) {
  std::vector<const RunSpec*> pointers;
  for (const RunSpec& run : runs) pointers.push_back(&run);
  return CheckFoundWeights(pointers, Directories());
}

TEST(CheckFoundWeightsTest, NothingIsWrongWithWhatFits) {
  EXPECT_THAT(
      Check({PublishedRun()}),
      ElementsAre(UnorderedElementsAre(
          Pair("siglip", IsOk()), Pair("sam", IsOk()), Pair("mine", IsOk()))));
}

TEST(CheckFoundWeightsTest, SaysByRunAndRoleWhatDoesNotFit) {
  RunSpec run = PublishedRun();
  RsRefSegSpec* const model = run.mutable_model()->mutable_rsrefseg();
  model->mutable_siglip()->set_image_size(36);
  model->mutable_sam()->mutable_lora()->set_rank(3);
  // It makes the weights of another, which asks for no adapters itself.
  RunSpec outer = PublishedRun();
  *outer.mutable_weights()->mutable_trained()->mutable_run() = run;
  outer.mutable_weights()->clear_adapters();
  const auto misfits = UnorderedElementsAre(
      Pair("siglip", StatusIs(absl::StatusCode::kInvalidArgument,
                              HasSubstr("vision_config.image_size is 22, "
                                        "model.rsrefseg.siglip.image_size is "
                                        "36"))),
      Pair("sam", IsOk()),
      Pair("mine", StatusIs(absl::StatusCode::kInvalidArgument,
                            HasSubstr("r is 2, must be 3"))));
  EXPECT_THAT(Check({PublishedRun(), run, run, outer}),
              ElementsAre(Each(Pair(_, IsOk())), misfits, misfits, misfits));
}

TEST(CheckFoundWeightsTest, ARoleWithoutADirectoryIsAnotherProblem) {
  const RunSpec run = PublishedRun();
  const RunSpec* const runs[] = {&run};
  EXPECT_THAT(CheckFoundWeights(runs, {}), ElementsAre(IsEmpty()));
}

TEST(PartsOfTest, NamesDirectories) {
  FoundAdapters adapters;
  for (const auto part :
       {FoundAdapters::SIGLIP_VISION, FoundAdapters::SIGLIP_TEXT,
        FoundAdapters::SAM_VISION}) {
    adapters.add_parts(part);
  }
  EXPECT_THAT(PartsOf(adapters).towers,
              ElementsAre("siglip_vision", "siglip_text", "sam_vision"));
  EXPECT_FALSE(PartsOf(adapters).rest);
  adapters.add_parts(FoundAdapters::REST);
  EXPECT_TRUE(PartsOf(adapters).rest);
}

}  // namespace
}  // namespace transect
