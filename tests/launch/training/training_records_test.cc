// What a training logs of its steps, and the trace of some of them. After a
// stop: //tests/multiprocess.

#include <torch/torch.h>

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/job.pb.h"
#include "launch/store/store.h"
#include "launch/training/step_log.h"
#include "launch/training/step_profile.h"
#include "launch/training/trainer.h"
#include "metrics/metric_log.pb.h"
#include "tests/launch/testing/scripted_collective.h"
#include "tests/launch/testing/small_run.h"
#include "tests/launch/testing/training_rank.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<TrainStep> StepsOf(TrainingRank* rank) {
  std::vector<TrainStep> steps;
  for (const MetricRecord& record : rank->Records()) {
    if (record.has_train_step()) steps.push_back(record.train_step());
  }
  return steps;
}

RunSpec RunOf(int64_t steps, int64_t log_every) {
  RunSpec run = SmallRun();
  run.mutable_training()->set_steps(steps);
  run.mutable_training()->set_log_every(log_every);
  return run;
}

TEST(TrainingRecords, AreExactMeansOverTheStepsSinceTheLast) {
  TrainingRank each(RunOf(7, 1), "each");
  ASSERT_THAT(Train(each.task(), SmallData("train")), IsOk());
  const std::vector<TrainStep> all = StepsOf(&each);
  ASSERT_EQ(all.size(), 7u);
  TrainingRank thinned(RunOf(7, 3), "thinned");
  ASSERT_THAT(Train(thinned.task(), SmallData("train")), IsOk());
  const std::vector<TrainStep> records = StepsOf(&thinned);
  ASSERT_EQ(records.size(), 3u);
  size_t next = 0;
  for (const TrainStep& record : records) {
    double loss = 0;
    double norm = 0;
    for (int64_t i = 0; i < record.mean_of_steps(); ++i, ++next) {
      EXPECT_EQ(all[next].mean_of_steps(), 1);
      EXPECT_GT(all[next].gradient_norm(), 0);
      loss += all[next].loss();
      norm += all[next].gradient_norm();
    }
    const auto steps = static_cast<double>(record.mean_of_steps());
    EXPECT_EQ(record.step(), static_cast<int64_t>(next));
    EXPECT_EQ(record.loss(), loss / steps);
    EXPECT_EQ(record.gradient_norm(), norm / steps);
    EXPECT_EQ(record.lr(), all[next - 1].lr());
    EXPECT_GT(record.step_seconds(), 0);
    EXPECT_GT(record.data_seconds(), 0);
    EXPECT_LT(record.data_seconds(), record.step_seconds());
    EXPECT_NEAR(record.images_per_second() * record.step_seconds(),
                SmallRun().training().global_batch(), 1e-9);
    EXPECT_GT(record.peak_memory_bytes(), int64_t{1} << 20);
  }
  EXPECT_EQ(records[0].mean_of_steps(), 3);
  EXPECT_EQ(records[2].mean_of_steps(), 1);
}

// A power of two as loss scale changes no bit of a norm that is without it. A
// step that is not taken has a loss and no norm.
TEST(TrainingRecords, NormsAreThoseOfTheStepsThatWereTaken) {
  const auto train = [](const std::string& name, bool half, int overflows) {
    RunSpec run = RunOf(2, 2);
    TrainingSpec* const training = run.mutable_training();
    if (half) {
      training->set_precision(TrainingSpec::FP16);
      training->mutable_loss_scale()->set_initial(1024);
      training->mutable_loss_scale()->set_hysteresis(1);
    }
    TrainingRank rank(
        run, name,
        std::make_unique<ScriptedCollective>(
            1, ScriptedCollective::Gather(),
            [overflows](absl::string_view what, at::Tensor value) mutable {
              // Behind the loss: the sum of squares of the gradient.
              if (what == "sum of losses" && overflows-- > 0) {
                value[1] = std::numeric_limits<float>::infinity();
              }
            }));
    EXPECT_THAT(Train(rank.task(), SmallData("train")), IsOk());
    const std::vector<TrainStep> steps = StepsOf(&rank);
    EXPECT_EQ(steps.size(), 1u);
    EXPECT_EQ(steps[0].mean_of_steps(), 2);
    EXPECT_TRUE(std::isfinite(steps[0].loss()));
    return steps[0].has_gradient_norm()
               ? std::optional<double>(steps[0].gradient_norm())
               : std::nullopt;
  };
  const std::optional<double> full = train("full", false, 0);
  ASSERT_TRUE(full.has_value());
  EXPECT_EQ(train("scaled", true, 0), full);
  const std::optional<double> second = train("one_overflow", true, 1);
  ASSERT_TRUE(second.has_value());
  EXPECT_TRUE(std::isfinite(*second));
  EXPECT_EQ(train("two_overflows", true, 2), std::nullopt);
}

TEST(TrainingRecords, ALossThatIsNotFiniteShows) {
  RunSpec run = RunOf(2, 2);
  run.mutable_training()->set_precision(TrainingSpec::FP16);
  run.mutable_training()->mutable_loss_scale()->set_initial(1024);
  run.mutable_training()->mutable_loss_scale()->set_hysteresis(1);
  int losses = 0;
  TrainingRank rank(run, "loss_shows",
                    std::make_unique<ScriptedCollective>(
                        1, ScriptedCollective::Gather(),
                        [&](absl::string_view what, at::Tensor value) {
                          if (what == "sum of losses" && losses++ == 0) {
                            value[0] = std::numeric_limits<float>::infinity();
                          }
                        }));
  ASSERT_THAT(Train(rank.task(), SmallData("train")), IsOk());
  EXPECT_TRUE(std::isinf(StepsOf(&rank)[0].loss()));
}

// Trains with a trace, and returns the events that the log has.
std::vector<std::string> Profiled(const RunSpec& run, const std::string& name,
                                  std::string* trace) {
  TrainingRank rank(run, name);
  LaunchPlan plan;
  plan.set_id("a");
  plan.set_attempt(1);
  plan.set_ranks(1);
  plan.set_job_dir(absl::StrCat(testing::TempDir(), "/", name));
  plan.set_attempt_dir(AttemptDir(plan.job_dir(), 1));
  *trace = absl::StrCat(plan.attempt_dir(), "/", kTraceFile);
  TrainTask task = rank.task();
  task.plan = &plan;
  EXPECT_THAT(Train(task, SmallData("train")), IsOk());
  std::vector<std::string> events;
  for (const MetricRecord& record : rank.Records()) {
    if (record.has_event()) events.push_back(record.event().text());
  }
  return events;
}

// What Python's json reads of a trace (check_trace.py): 0 if it is right.
int CheckTrace(const std::string& trace, int steps) {
  return std::system(
      absl::StrCat("python3 tests/launch/training/check_trace.py ", trace, " ",
                   steps)
          .c_str());
}

TEST(StepProfile, TracesTheStepsAfterTheSecondWithTheirPartsNamed) {
  for (const int shards : {1, 2}) {
    RunSpec run = RunOf(6, 1);
    run.mutable_training()->set_logical_shards(shards);
    run.mutable_training()->set_profile_steps(3);
    run.mutable_training()->mutable_checkpoint()->set_every_steps(1);
    std::string trace;
    EXPECT_THAT(
        Profiled(run, absl::StrCat("traced_", shards), &trace),
        ElementsAre(AllOf(HasSubstr("trace of 3 steps"), HasSubstr(trace))));
    EXPECT_EQ(CheckTrace(trace, 3), 0);
  }
}

TEST(StepProfile, TracesAsManyStepsAsThereAre) {
  RunSpec run = RunOf(4, 1);
  run.mutable_training()->set_profile_steps(100);
  run.mutable_training()->mutable_checkpoint()->set_every_steps(1);
  std::string trace;
  EXPECT_THAT(Profiled(run, "short", &trace),
              ElementsAre(HasSubstr("trace of 2 steps")));
  EXPECT_EQ(CheckTrace(trace, 2), 0);
  run.mutable_training()->set_steps(2);
  EXPECT_THAT(Profiled(run, "too_short", &trace),
              ElementsAre("no trace: the attempt made 2 steps, and the first 2 "
                          "are not traced"));
  EXPECT_FALSE(FileExists(trace));
}

TEST(StepProfile, ChangesNoBitAndIsNotThereUnasked) {
  RunSpec run = RunOf(4, 1);
  TrainingRank plain(run, "not_traced");
  ASSERT_THAT(Train(plain.task(), SmallData("train")), IsOk());
  run.mutable_training()->set_profile_steps(2);
  std::string trace;
  TrainingRank rank(run, "traced");
  LaunchPlan plan;
  plan.set_id("a");
  plan.set_attempt(1);
  plan.set_job_dir(absl::StrCat(testing::TempDir(), "/traced"));
  plan.set_attempt_dir(AttemptDir(plan.job_dir(), 1));
  TrainTask task = rank.task();
  task.plan = &plan;
  ASSERT_THAT(Train(task, SmallData("train")), IsOk());
  const auto expected = plain.model().named_parameters();
  for (const auto& parameter : rank.model().named_parameters()) {
    EXPECT_TRUE(at::equal(parameter.value(), expected[parameter.key()]))
        << parameter.key();
  }
  run.mutable_training()->set_profile_steps(0);
  EXPECT_THAT(Profiled(run, "unasked", &trace), ElementsAre());
  EXPECT_FALSE(FileExists(trace));
}

TEST(StepProfile, ATraceThatCannotBeWrittenEndsNothing) {
  RunSpec run = RunOf(4, 1);
  run.mutable_training()->set_profile_steps(1);
  const std::string blocked = absl::StrCat(
      testing::TempDir(), "/blocked/attempts/0001/", kTraceFile, "/in_the_way");
  ASSERT_THAT(MakeDirs(blocked), IsOk());
  std::string trace;
  EXPECT_THAT(
      Profiled(run, "blocked", &trace),
      ElementsAre(AllOf(HasSubstr(trace), HasSubstr("was not written"))));
}

}  // namespace
}  // namespace transect
