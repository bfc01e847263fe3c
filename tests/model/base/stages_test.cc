#include "model/base/stages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <thread>

namespace transect {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Key;

TEST(Stages, AreKeptOnlyWhileThereIsARecorder) {
  std::map<std::string, at::Tensor> stages;
  RecordStage("before", torch::ones({1}));
  {
    const StageRecorder recorder(&stages);
    RecordStage("during", torch::ones({1}));
  }
  RecordStage("after", torch::ones({1}));
  EXPECT_THAT(stages, ElementsAre(Key("during")));
}

TEST(Stages, AreCopiesWithoutGradient) {
  std::map<std::string, at::Tensor> stages;
  at::Tensor value = torch::ones({2}, torch::requires_grad());
  {
    const StageRecorder recorder(&stages);
    RecordStage("x", value * 2);
    RecordStage("y", value);
  }
  EXPECT_FALSE(stages["x"].requires_grad());
  const torch::NoGradGuard no_grad;
  value.zero_();
  EXPECT_TRUE(stages["y"].equal(torch::ones({2})));
}

TEST(Stages, AreNamedByThePrefixesAroundThem) {
  std::map<std::string, at::Tensor> stages;
  const StagePrefix nobody_listens("lost.");
  const StageRecorder recorder(&stages);
  {
    const StagePrefix outer("a.");
    {
      const StagePrefix inner("b.");
      RecordStage("1", torch::ones({1}));
    }
    RecordStage("2", torch::ones({1}));
  }
  RecordStage("3", torch::ones({1}));
  EXPECT_THAT(stages, ElementsAre(Key("3"), Key("a.2"), Key("a.b.1")));
}

TEST(Stages, GoToTheInnermostRecorderOfTheirThread) {
  std::map<std::string, at::Tensor> outer_stages, inner_stages;
  const StageRecorder outer(&outer_stages);
  {
    const StageRecorder inner(&inner_stages);
    RecordStage("inner", torch::ones({1}));
    std::thread([] { RecordStage("elsewhere", torch::ones({1})); }).join();
  }
  RecordStage("outer", torch::ones({1}));
  EXPECT_THAT(inner_stages, ElementsAre(Key("inner")));
  EXPECT_THAT(outer_stages, ElementsAre(Key("outer")));
}

}  // namespace
}  // namespace transect
