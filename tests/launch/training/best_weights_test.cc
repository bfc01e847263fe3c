// The best weights of a training: in its state, beside its checkpoints, and
// over a stop.

#include <signal.h>
#include <torch/torch.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/io/file.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/collective/collective_single.h"
#include "launch/rank/exit_codes.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/training/checkpoints.h"
#include "launch/training/trainer.h"
#include "launch/training/training_state.h"
#include "metrics/metric_log.pb.h"
#include "model/build_model.h"
#include "tests/launch/testing/scripted_collective.h"
#include "tests/launch/testing/small_run.h"
#include "tests/launch/testing/training_rank.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

RunSpec BestRun() {
  RunSpec run = SmallRun();
  TrainingSpec* const training = run.mutable_training();
  training->set_steps(8);
  training->mutable_validation()->set_every_steps(2);
  training->mutable_validation()->set_weights(ValidationSpec::BEST);
  training->mutable_checkpoint()->set_every_steps(1);
  training->mutable_checkpoint()->set_keep(100);
  return run;
}

struct Training {
  explicit Training(const RunSpec& run) {
    auto built = BuildModel(run.model(), run.seed());
    EXPECT_THAT(built, IsOk());
    model = *std::move(built);
    state = std::make_unique<TrainingState>(model.get(), run.training());
  }
  void Step() {
    const torch::NoGradGuard no_grad;
    state->optimizer().values().add_(0.5);
    for (const at::Tensor& buffer : model->buffers()) buffer.add_(1);
    state->EndStep();
  }

  std::shared_ptr<SegmentationModel> model;
  std::unique_ptr<TrainingState> state;
};

std::map<std::string, at::Tensor> WeightsOf(const SavedState& state) {
  std::map<std::string, at::Tensor> weights;
  for (const auto& [name, tensor] : state) {
    if (name.starts_with("value/") || name.starts_with("buffer/")) {
      weights.emplace(name, tensor);
    }
  }
  return weights;
}

TEST(BestWeights, AreACopyThatAllRanksTakeOn) {
  Training training(BestRun());
  TrainingState& state = *training.state;
  EXPECT_EQ(state.best_weights().tensors, nullptr);
  training.Step();
  EXPECT_TRUE(state.best()->Add(state.steps(), 0.5));
  state.KeepWeights();
  const SavedState then = WeightsOf(state.Save());
  training.Step();
  const BestWeights best = state.best_weights();
  EXPECT_EQ(best.step, 1);
  EXPECT_EQ(DifferenceBetween(*best.tensors, then), "");
  EXPECT_NE(DifferenceBetween(WeightsOf(state.Save()), then), "");
  const auto alone = MakeSingleCollective();
  ASSERT_THAT(state.TakeOnBestWeights(*alone), IsOk());
  EXPECT_EQ(DifferenceBetween(WeightsOf(state.Save()), then), "");
  // The network has them, and not only a buffer beside it.
  for (const auto& each : training.model->named_buffers()) {
    EXPECT_TRUE(
        at::equal(each.value(), then.at(absl::StrCat("buffer/", each.key()))));
  }
}

TEST(BestWeights, AStateGoesOnWithThoseThatItNames) {
  Training first(BestRun());
  first.Step();
  first.state->best()->Add(1, 0.5);
  first.state->KeepWeights();
  first.Step();
  first.state->best()->Add(2, 0.5);
  const SavedState saved = first.state->Save();
  const BestWeights best = first.state->best_weights();
  Training second(BestRun());
  EXPECT_EQ(second.state->BestStepOf(saved), 1);
  // Without them, or with others, nothing is taken on.
  EXPECT_THAT(
      second.state->Load(saved),
      StatusIs(absl::StatusCode::kInvalidArgument,
               AllOf(HasSubstr("best value/"), HasSubstr(" is missing"))));
  auto other = std::make_shared<SavedState>(*best.tensors);
  other->emplace("first_moment/x", torch::zeros({1}));
  EXPECT_THAT(second.state->Load(saved, other),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       "best first_moment/x is not of this run"));
  EXPECT_EQ(second.state->steps(), 0);
  ASSERT_THAT(second.state->Load(saved, best.tensors), IsOk());
  EXPECT_EQ(second.state->best()->step, 1);
  EXPECT_EQ(second.state->best()->metric, 0.5);
  EXPECT_EQ(second.state->best()->since, 1);
  EXPECT_EQ(
      DifferenceBetween(*second.state->best_weights().tensors, *best.tensors),
      "");
  EXPECT_EQ(DifferenceBetween(second.state->Save(), saved), "");
}

// What a run that chooses nothing saves does not depend on validations, so that
// it goes on whether or not it is watched.
TEST(BestWeights, AreNoneWhereNothingIsChosen) {
  RunSpec run = BestRun();
  run.mutable_training()->mutable_validation()->set_weights(
      ValidationSpec::LAST);
  Training watched(run);
  run.mutable_training()->clear_validation();
  Training plain(run);
  EXPECT_EQ(watched.state->best(), nullptr);
  EXPECT_EQ(DifferenceBetween(watched.state->Save(), plain.state->Save()), "");
  watched.state->KeepWeights();
  EXPECT_EQ(watched.state->best_weights().tensors, nullptr);
}

LaunchPlan Attempt(const std::string& job, int number) {
  LaunchPlan plan;
  plan.set_id("run");
  plan.set_attempt(number);
  plan.set_job_dir(absl::StrCat(testing::TempDir(), "/", job));
  plan.set_attempt_dir(AttemptDir(plan.job_dir(), number));
  EXPECT_THAT(MakeDirs(plan.attempt_dir()), IsOk());
  return plan;
}

std::vector<std::string> BestFiles(const LaunchPlan& plan) {
  std::vector<std::string> names;
  const auto all = ListDirectory(CheckpointsDir(plan.attempt_dir()));
  if (!all.ok()) return names;
  for (const std::string& name : *all) {
    if (name.starts_with("best-")) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

TEST(BestWeights, LieBesideTheCheckpointsThatNameThem) {
  const LaunchPlan plan = Attempt("best_files", 1);
  const auto best = [](int64_t step) {
    return BestWeights{
        .step = step,
        .tensors = std::make_shared<const SavedState>(SavedState{
            {"value/w", torch::full({}, static_cast<double>(step))}})};
  };
  ASSERT_OK_AND_ASSIGN(const auto writer, CheckpointWriter::Start(plan, 2));
  const auto write = [&](int64_t step, const BestWeights& weights) {
    EXPECT_THAT(writer->Write(step, {{"value/w", torch::zeros({})}}, weights),
                IsOk());
    EXPECT_THAT(writer->Finish(), IsOk());
    return BestFiles(plan);
  };
  EXPECT_THAT(write(10, {}), ElementsAre());
  EXPECT_THAT(write(20, best(12)), ElementsAre("best-0000000012.safetensors"));
  EXPECT_THAT(write(30, best(24)), ElementsAre("best-0000000012.safetensors",
                                               "best-0000000024.safetensors"));
  // 20 is gone.
  EXPECT_THAT(write(40, best(24)), ElementsAre("best-0000000024.safetensors"));
  EXPECT_THAT(CheckpointSteps(plan.attempt_dir()), ElementsAre(30, 40));
  ASSERT_OK_AND_ASSIGN(
      const SavedState read,
      ReadCheckpoint(BestWeightsPath(plan.attempt_dir(), 24), "run"));
  EXPECT_EQ(DifferenceBetween(read, *best(24).tensors), "");
  EXPECT_FALSE(
      ReadCheckpoint(BestWeightsPath(plan.attempt_dir(), 24), "other").ok());
}

// One rank whose validation after step k scores `scores[k]` percent. A signal
// stops it after step `stop`, 0 for never: one that comes in a step with a
// validation ends that at once, and one that comes at the end of a validation
// ends the next step.
std::unique_ptr<Collective> Scoring(const std::map<int64_t, int>& scores,
                                    int64_t begin, int64_t stop) {
  return std::make_unique<ScriptedCollective>(
      1, ScriptedCollective::Gather(),
      [scores, step = begin, stop](absl::string_view what,
                                   at::Tensor value) mutable {
        if (what == "sum of losses" && ++step == stop && stop % 2 == 0) {
          raise(SIGTERM);
        }
        if (what != "counts of a validation") return;
        if (step == stop - 1) raise(SIGTERM);
        const int64_t items = value.numel() / 2;
        value.slice(0, 0, items).fill_(scores.at(step));
        value.slice(0, items, 2 * items).fill_(100);
      });
}

struct Ended {
  absl::StatusOr<TrainSummary> summary;
  std::map<std::string, at::Tensor> weights;
  std::vector<MetricRecord> records;
};

// An attempt that begins after step `begin`, as the test knows.
Ended RunAttempt(const std::string& job, int number, int64_t begin,
                 int64_t stop) {
  const std::map<int64_t, int> scores = {{2, 20}, {4, 40}, {6, 40}, {8, 30}};
  const LaunchPlan plan = Attempt(job, number);
  TrainingRank rank(BestRun(), absl::StrCat(job, "_log_", number),
                    Scoring(scores, begin, stop));
  TrainTask task = rank.task();
  task.plan = &plan;
  Ended ended;
  ended.summary = Train(task, SmallData("train"), &SmallData("val"));
  for (const auto& each : rank.model().named_parameters()) {
    ended.weights[each.key()] = each.value().detach().clone();
  }
  for (const auto& each : rank.model().named_buffers()) {
    ended.weights[each.key()] = each.value().clone();
  }
  ended.records = rank.Records();
  return ended;
}

void ExpectSame(const Ended& ended, const Ended& whole) {
  ASSERT_THAT(ended.summary, IsOk());
  EXPECT_EQ(ended.summary->steps, 8);
  EXPECT_EQ(ended.summary->best_step, 4);
  for (const auto& [name, tensor] : ended.weights) {
    EXPECT_TRUE(at::equal(tensor, whole.weights.at(name))) << name;
  }
}

TEST(BestWeights, OutliveAStop) {
  const Ended whole = RunAttempt("best_whole", 1, 0, 0);
  ExpectSame(whole, whole);
  // Before the best validation, right before it, right after it, and before
  // the last one.
  for (const int64_t stop : {3, 4, 5, 8}) {
    const std::string job = absl::StrCat("best_stopped_", stop);
    const Ended first = RunAttempt(job, 1, 0, stop);
    ASSERT_EQ(ExitCodeOf(first.summary.status()), ExitCode::CHECKPOINTED)
        << first.summary.status();
    EXPECT_EQ(CheckpointSteps(Attempt(job, 1).attempt_dir()).back(), stop);
    ExpectSame(RunAttempt(job, 2, stop, 0), whole);
    if (stop != 5) continue;
    // The second attempt has written the best weights of the first one anew.
    EXPECT_THAT(BestFiles(Attempt(job, 1)), ElementsAre());
    EXPECT_THAT(BestFiles(Attempt(job, 2)),
                ElementsAre("best-0000000004.safetensors"));
  }
}

TEST(BestWeights, ACheckpointWithoutThoseThatItNamesIsPassedOver) {
  const Ended whole = RunAttempt("best_not_broken", 1, 0, 0);
  for (const bool missing : {true, false}) {
    const std::string job = absl::StrCat("best_broken_", missing);
    const Ended first = RunAttempt(job, 1, 0, 5);
    ASSERT_EQ(ExitCodeOf(first.summary.status()), ExitCode::CHECKPOINTED);
    const std::string path = BestWeightsPath(Attempt(job, 1).attempt_dir(), 4);
    if (missing) {
      fs::remove(path);
    } else {
      fs::resize_file(path, fs::file_size(path) - 1);
    }
    // That of step 4 is from before its validation.
    const Ended second = RunAttempt(job, 2, 4, 0);
    ExpectSame(second, whole);
    std::vector<std::string> events;
    for (const MetricRecord& record : second.records) {
      if (record.has_event()) events.push_back(record.event().text());
    }
    EXPECT_THAT(events,
                ElementsAre(AllOf(HasSubstr("a checkpoint is passed over: "),
                                  HasSubstr("step-0000000005"),
                                  HasSubstr("best-0000000004")),
                            HasSubstr("goes on after step 4")));
  }
}

}  // namespace
}  // namespace transect
