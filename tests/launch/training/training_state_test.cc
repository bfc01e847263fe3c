// The state of a training and its checkpoints.

#include "launch/training/training_state.h"

#include <torch/torch.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/rank/exit_codes.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/training/checkpoints.h"
#include "model/build_model.h"
#include "tests/launch/testing/small_run.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Training {
  explicit Training(const RunSpec& run, int64_t steps = 0) {
    auto built = BuildModel(run.model(), run.seed());
    EXPECT_THAT(built, IsOk());
    model = *std::move(built);
    state = std::make_unique<TrainingState>(model.get(), run.training());
    for (int64_t i = 0; i < steps; ++i) Step();
  }
  // A step of made-up gradients.
  void Step() {
    state->optimizer().gradients().copy_(
        torch::arange(state->optimizer().gradients().numel(), at::kFloat)
            .add(static_cast<double>(state->steps()))
            .sin());
    state->optimizer().Step(1e-3);
    for (const at::Tensor& buffer : model->buffers()) {
      if (buffer.is_floating_point()) buffer.add_(0.25);
    }
    if (state->loss_scale() != nullptr) {
      state->loss_scale()->Update(/*overflow=*/state->steps() % 3 == 1);
    }
    state->EndStep();
  }

  std::shared_ptr<SegmentationModel> model;
  std::unique_ptr<TrainingState> state;
};

RunSpec HalfPrecision() {
  RunSpec run = SmallRun();
  run.mutable_training()->set_precision(TrainingSpec::FP16);
  run.mutable_training()->mutable_loss_scale()->set_initial(1024);
  run.mutable_training()->mutable_loss_scale()->set_growth_interval(3);
  run.mutable_training()->mutable_loss_scale()->set_hysteresis(2);
  return run;
}

TEST(TrainingState, GoesOnAsIfItHadNotStopped) {
  for (const RunSpec& run : {SmallRun(), HalfPrecision()}) {
    Training whole(run, 7);
    Training first(run, 3);
    const SavedState saved = first.state->Save();
    first.Step();  // What was saved is a copy.
    Training second(run);
    ASSERT_THAT(second.state->Load(saved), IsOk());
    EXPECT_EQ(second.state->steps(), 3);
    EXPECT_EQ(DifferenceBetween(second.state->Save(), saved), "");
    for (int i = 0; i < 4; ++i) second.Step();
    EXPECT_EQ(DifferenceBetween(second.state->Save(), whole.state->Save()), "");
    EXPECT_EQ(DigestOf(second.state->Save()), DigestOf(whole.state->Save()));
  }
}

// Leaving out any tensor, or the step before, is seen.
TEST(TrainingState, EveryPartOfItCounts) {
  Training training(HalfPrecision(), 3);
  const SavedState saved = training.state->Save();
  training.Step();
  const SavedState later = training.state->Save();
  EXPECT_NE(DifferenceBetween(saved, later), "");
  EXPECT_NE(DigestOf(saved), DigestOf(later));
  int changed = 0;
  for (const auto& [name, tensor] : saved) {
    SavedState other = saved;
    other.erase(name);
    EXPECT_EQ(DifferenceBetween(saved, other),
              absl::StrCat(name, " is in one only"));
    const std::string before = DigestOf(saved);
    EXPECT_NE(DigestOf(other), before) << name;
    changed += !at::equal(tensor, later.at(name));
  }
  // All but the batch counters of norms and tensors without elements.
  EXPECT_GT(changed, static_cast<int>(saved.size()) * 9 / 10);
}

TEST(TrainingState, RefusesAnotherRunsStateAndKeepsItsOwn) {
  Training training(SmallRun(), 2);
  const SavedState before = training.state->Save();
  SavedState other = before;
  other.erase("steps");
  other["value/surplus"] = torch::zeros({1});
  other["optimizer_steps"] = torch::zeros({2});
  EXPECT_THAT(
      training.state->Load(other),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("steps is missing"),
                     HasSubstr("value/surplus is not of this run"),
                     HasSubstr("optimizer_steps is Float [2], not Float []"))));
  EXPECT_EQ(DifferenceBetween(training.state->Save(), before), "");
}

class CheckpointsTest : public testing::Test {
 protected:
  CheckpointsTest()
      : job_dir_(absl::StrCat(
            testing::TempDir(), "/checkpoints_",
            testing::UnitTest::GetInstance()->current_test_info()->name())) {
    fs::remove_all(job_dir_);
    saved_.emplace("value/w", torch::arange(100, at::kFloat));
    saved_.emplace("steps", torch::full({}, 3, at::kLong));
  }

  LaunchPlan Attempt(int number) {
    LaunchPlan plan;
    plan.set_id("run");
    plan.set_attempt(number);
    plan.set_job_dir(job_dir_);
    plan.set_attempt_dir(AttemptDir(job_dir_, number));
    EXPECT_THAT(MakeDirs(plan.attempt_dir()), IsOk());
    return plan;
  }

  void Write(const LaunchPlan& plan, const std::vector<int64_t>& steps,
             int keep = 2) {
    ASSERT_OK_AND_ASSIGN(const auto writer,
                         CheckpointWriter::Start(plan, keep));
    for (const int64_t step : steps) {
      EXPECT_THAT(writer->Write(step, saved_), IsOk());
    }
    EXPECT_THAT(writer->Finish(), IsOk());
  }

  // The steps of the one that is loaded, 0 for none.
  int64_t Load(const LaunchPlan& plan, int64_t most = 1000) {
    skipped_.clear();
    loaded_.clear();
    const auto found = LoadNewestCheckpoint(
        plan, most,
        [&](const SavedState& state, const std::string&) {
          loaded_ = state;
          return absl::OkStatus();
        },
        &skipped_);
    return found.has_value() ? found->steps : 0;
  }

  const std::string job_dir_;
  SavedState saved_, loaded_;
  std::vector<std::string> skipped_;
};

TEST_F(CheckpointsTest, TheNewestIsReadBackAndTheOldestGo) {
  const LaunchPlan plan = Attempt(1);
  EXPECT_EQ(Load(plan), 0);
  Write(plan, {10, 20, 30});
  EXPECT_THAT(CheckpointSteps(plan.attempt_dir()), ElementsAre(20, 30));
  EXPECT_EQ(Load(plan), 30);
  EXPECT_EQ(DifferenceBetween(loaded_, saved_), "");
  EXPECT_EQ(Load(plan, 29), 20);
  EXPECT_THAT(skipped_, IsEmpty());
}

TEST_F(CheckpointsTest, ALaterAttemptTakesOver) {
  Write(Attempt(1), {10, 20});
  const LaunchPlan second = Attempt(2);
  EXPECT_EQ(Load(second), 20);
  Write(second, {25});
  EXPECT_THAT(CheckpointSteps(AttemptDir(job_dir_, 1)), IsEmpty());
  EXPECT_EQ(Load(Attempt(3)), 25);
  RemoveCheckpoints(second);
  EXPECT_EQ(Load(Attempt(4)), 0);
}

TEST_F(CheckpointsTest, OneOfAnotherRunIsPassedOver) {
  LaunchPlan plan = Attempt(1);
  Write(plan, {10});
  plan.set_id("another");
  EXPECT_EQ(Load(plan), 0);
  EXPECT_THAT(skipped_, ElementsAre(HasSubstr("of another run than another")));
}

// Cut anywhere, or any byte flipped: the one before is used, and the broken one
// is named.
TEST_F(CheckpointsTest, ABrokenOneIsPassedOverForTheOneBefore) {
  const LaunchPlan plan = Attempt(1);
  Write(plan, {10, 20});
  const std::string path = CheckpointPath(plan.attempt_dir(), 20);
  ASSERT_OK_AND_ASSIGN(const std::string whole, ReadFile(path));
  const auto put = [&](const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  };
  for (size_t at = 0; at < whole.size(); at += 7) {
    put(whole.substr(0, at));
    EXPECT_EQ(Load(plan), 10) << at;
    EXPECT_THAT(skipped_, ElementsAre(HasSubstr("step-0000000020"))) << at;
    std::string flipped = whole;
    flipped[at] ^= 0x10;
    put(flipped);
    EXPECT_EQ(Load(plan), 10) << at;
  }
  put(whole);
  EXPECT_EQ(Load(plan), 20);
}

TEST_F(CheckpointsTest, AnErrorOfTheDiskIsReportedAtTheNextWrite) {
  const LaunchPlan plan = Attempt(1);
  // A file in place of the directory.
  std::ofstream(CheckpointsDir(plan.attempt_dir())) << "x";
  ASSERT_OK_AND_ASSIGN(const auto writer, CheckpointWriter::Start(plan, 2));
  EXPECT_THAT(writer->Write(10, saved_), IsOk());
  const absl::Status failed = writer->Write(20, saved_);
  EXPECT_EQ(ExitCodeOf(failed), ExitCode::INPUT_OUTPUT) << failed;
  EXPECT_FALSE(writer->Finish().ok());
  fs::remove(CheckpointsDir(plan.attempt_dir()));
  EXPECT_THAT(writer->Write(30, saved_), IsOk());
  EXPECT_THAT(writer->Finish(), IsOk());
  EXPECT_EQ(Load(plan), 30);
}

}  // namespace
}  // namespace transect
