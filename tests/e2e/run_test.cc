// What a researcher sees when everything is in order, and when `transect` or
// its machine dies in the middle.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "data/io/textproto.h"
#include "data/random/philox.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "tests/e2e/transect_runner.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// Every job of `store` is done, by at most one attempt that succeeded.
void ExpectEveryJobDoneOnce(const std::string& store, size_t jobs) {
  EXPECT_THAT(JobDirs(store), SizeIs(jobs));
  for (const std::string& job : JobDirs(store)) {
    EXPECT_TRUE(FileExists(job + "/result.textproto")) << job;
    int succeeded = 0;
    for (const int attempt : Attempts(job)) {
      const absl::StatusOr<Outcome> outcome =
          ReadTextproto<Outcome>(OutcomePath(AttemptDir(job, attempt)));
      succeeded += outcome.ok() && !outcome->has_cause() ? 1 : 0;
    }
    EXPECT_LE(succeeded, 1) << job;
  }
}

TEST(RunTest, MakesInputsTrainsAndPrintsTheTable) {
  EXPECT_THAT(FilledReport(),
              AllOf(HasSubstr("gIoU"), HasSubstr("base"), HasSubstr("rank=2"),
                    Not(HasSubstr("missing"))));
  // Two data sets, a tokenizer, initial weights, 2 cells x 2 seeds.
  ExpectEveryJobDoneOnce(FilledStore(), 8);
  ASSERT_OK_AND_ASSIGN(const std::string markdown,
                       ReadFile(FilledStore() + "/reports/tiny.md"));
  EXPECT_THAT(markdown, HasSubstr("| "));
}

TEST(RunTest, RunningItAgainLaunchesNothingAndPrintsTheSameTable) {
  const std::string store = NewStore({"inputs", "runs"});
  const Ended again = Transect({"run", TinyExperiment(), "--store", store});
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(again.out, FilledReport());
  EXPECT_THAT(again.err, HasSubstr("0 jobs to start"));
  for (const std::string& job : JobDirs(store)) {
    EXPECT_THAT(Attempts(job), ElementsAre(1));
  }
}

TEST(RunTest, APartialRunAndANamesakeLeaveTheReportAlone) {
  const std::string store = NewStore({"inputs", "runs"});
  const std::string experiment = TinyExperiment();
  const std::string kept = store + "/reports/tiny.md";
  ASSERT_EQ(Transect({"run", experiment, "--store", store}).code, 0);
  ASSERT_OK_AND_ASSIGN(const std::string full, ReadFile(kept));
  const Ended partial =
      Transect({"run", experiment, "seed=1", "--store", store});
  EXPECT_EQ(partial.code, 0) << partial.err;
  EXPECT_THAT(partial.err, HasSubstr("the store keeps no report of them"));
  EXPECT_THAT(ReadFile(kept), IsOkAndHolds(full));
  const Ended namesake =
      Transect({"run", TinyExperiment({{"seeds: [1, 2]", "seeds: [1]"}}),
                "--store", store});
  EXPECT_EQ(namesake.code, 0) << namesake.err;
  EXPECT_THAT(namesake.err, AllOf(HasSubstr(store + "/reports/tiny-"),
                                  HasSubstr("another experiment")));
  EXPECT_THAT(ReadFile(kept), IsOkAndHolds(full));
  // The same experiment in another place is no other one.
  EXPECT_THAT(Transect({"run", TinyExperiment(), "--store", store}).err,
              HasSubstr("as Markdown: " + kept));
}

TEST(RunTest, KeepsAPageThatVerifyReads) {
  const std::string store = NewStore({"inputs", "runs"});
  const std::string page = store + "/reports/tiny.html";
  const Ended run = Transect({"run", TinyExperiment(), "--store", store});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("as a page: " + page + "\n"));
  const Ended verified = Transect(
      {"report", TinyExperiment(), "--store", store, "--verify", page});
  EXPECT_EQ(verified.code, 0) << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("as the runs give them"));
  ASSERT_OK_AND_ASSIGN(const std::string html, ReadFile(page));
  EXPECT_THAT(
      html, AllOf(HasSubstr("Which setting wins?"), HasSubstr("Training loss"),
                  HasSubstr("data:image/jpeg;base64,")));
  const Ended some =
      Transect({"run", TinyExperiment(), "seed=1", "--page", "--store", store});
  EXPECT_EQ(some.code, 1);
  EXPECT_THAT(some.err, HasSubstr("leave out the selectors"));
}

TEST(RunTest, ASelectionOfNothingIsRefused) {
  for (const char* verb : {"run", "plan", "status", "report"}) {
    const Ended ended = Transect(
        {verb, TinyExperiment(), "seed>7", "--store", NewDir() + "/store"});
    EXPECT_EQ(ended.code, 1);
    EXPECT_EQ(ended.out, "");
    EXPECT_THAT(ended.err, HasSubstr("no run has that; seeds are 1, 2"));
  }
}

TEST(RunTest, ReportAndStatusReadTheSameStore) {
  const Ended report =
      Transect({"report", TinyExperiment(), "--store", FilledStore()});
  EXPECT_EQ(report.code, 0);
  EXPECT_EQ(report.out, FilledReport());
  const Ended status =
      Transect({"status", TinyExperiment(), "--store", FilledStore()});
  EXPECT_EQ(status.code, 0);
  // What was predicted in the empty store, and what was measured since.
  EXPECT_THAT(status.out,
              AllOf(testing::StartsWith("tiny: 4 runs: 4 done\n"),
                    HasSubstr("  #4  done   rank=2 seed 2"),
                    HasSubstr("\nprices  of 8 done jobs, as predicted before "
                              "they started; 8 were guesses\n"),
                    HasSubstr("cpu-h"), HasSubstr("memory a rank")));
  EXPECT_THAT(Transect({"report", "--format", "json", TinyExperiment(),
                        "--store", FilledStore()})
                  .out,
              testing::StartsWith("{"));
}

TEST(RunTest, PlanPrintsIdsThatRunTakes) {
  const std::string store = NewStore({"inputs"});
  const Ended plan = Transect({"plan", TinyExperiment(), "--store", store});
  EXPECT_EQ(plan.code, 0);
  EXPECT_THAT(plan.out,
              HasSubstr("Plan: 4 to launch, 0 inputs to make, 0 to reuse"));
  EXPECT_FALSE(FileExists(store + "/runs"));
  const size_t line = plan.out.find("rank=2 seed 2");
  ASSERT_NE(line, std::string::npos);
  const std::string id = plan.out.substr(line - 14, 12);
  const Ended run = Transect({"run", TinyExperiment(), id, "--store", store});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(JobDirs(store + "/"), SizeIs(4 + 1));
  EXPECT_THAT(Transect({"plan", TinyExperiment(), "--store", store}).out,
              HasSubstr("Plan: 3 to launch, 0 inputs to make, 1 to reuse"));
}

TEST(RunTest, TwoAtOnceRunNothingTwiceAndPrintTheSameTable) {
  const std::string store = NewStore();
  Started first({"run", TinyExperiment(), "--store", store, "--jobs", "1"});
  Started second({"run", TinyExperiment(), "--store", store, "--jobs", "1"});
  const Ended a = first.Wait();
  const Ended b = second.Wait();
  EXPECT_EQ(a.code, 0) << a.err;
  EXPECT_EQ(b.code, 0) << b.err;
  EXPECT_EQ(a.out, FilledReport());
  EXPECT_EQ(b.out, FilledReport());
  EXPECT_THAT(JobDirs(store), SizeIs(8));
  for (const std::string& job : JobDirs(store)) {
    EXPECT_THAT(Attempts(job), ElementsAre(1)) << a.err << b.err;
  }
}

TEST(RunTest, TwoRanksTrainOneRun) {
  const std::string store = NewStore({"inputs"});
  const std::string experiment = TinyExperiment(
      {{"training {\n    steps: 5", "training {\n    ranks: 2\n    steps: 5"},
       {"seeds: [1, 2]", "seeds: [1]"}});
  const Ended run = Transect({"run", experiment, "--store", store});
  EXPECT_EQ(run.code, 0) << run.err;
  EXPECT_THAT(run.out, Not(HasSubstr("missing")));
}

// One row has the weights of the best validation, the other one those of the
// last step, and the table says so.
TEST(RunTest, ARowOfTheBestWeightsSaysSo) {
  const std::string store = NewStore({"inputs"});
  const std::string experiment = TinyExperiment(
      {{"log_every: 1",
        "log_every: 1\n    validation { every_steps: 2 train_items: 3 }"},
       {"field: \"model.rsrefseg.sam.lora.rank\"",
        "field: \"training.validation.weights\""},
       {"values: [\"16\", \"2\"]", "values: [\"LAST\", \"BEST\"]"},
       {"name: \"rank\"", "name: \"weights\""},
       {"axes: [\"rank\"]", "axes: [\"weights\"]"},
       {"seeds: [1, 2]", "seeds: [1]"}});
  const Ended run = Transect({"run", experiment, "--store", store});
  ASSERT_EQ(run.code, 0) << run.err;
  // Lines are broken where the terminal ends.
  std::string out = run.out;
  std::ranges::replace(out, '\n', ' ');
  EXPECT_THAT(out,
              AllOf(HasSubstr("weights=BEST: The weights are those with"),
                    HasSubstr("every 2 steps"), Not(HasSubstr("missing"))));
  ASSERT_OK_AND_ASSIGN(const std::string markdown,
                       ReadFile(store + "/reports/tiny.md"));
  EXPECT_THAT(markdown, HasSubstr("weights=BEST: The weights are those with"));
  int best = 0, last = 0;
  for (const std::string& job : JobDirs(store)) {
    const absl::StatusOr<Result> result =
        ReadTextproto<Result>(job + "/result.textproto");
    if (!result.ok() || result->steps() != 5) continue;
    ++(result->has_weights_step() ? best : last);
    // After steps 2, 4 and 5, the last one too.
    EXPECT_THAT(Transect({"describe", job}).out, HasSubstr("validated")) << job;
  }
  EXPECT_EQ(best, 1);
  EXPECT_EQ(last, 1);
  // What the rows report must not be what the training looks at.
  const Ended refused = Transect({"plan", experiment, "--store", store, "--set",
                                  "base.training.validation.split=test",
                                  "--set", "base.data.synthesis.test_images=8",
                                  "--set", "base.data.eval_splits=test"});
  EXPECT_NE(refused.code, 0);
  EXPECT_THAT(refused.err, HasSubstr("which the rows report"));
}

// Stops one of the workers of `store` in the middle of what it does and returns
// it: it is alive until somebody kills it. 0 if there is none for ten seconds.
pid_t FreezeWorker(const std::string& store, Philox& random) {
  pid_t frozen = 0;
  Eventually([&] {
    const std::vector<pid_t> workers = Workers(store);
    if (workers.empty()) return false;
    const pid_t worker = workers[random.NextBelow(workers.size())];
    kill(worker, SIGSTOP);
    // It may have ended before the signal came.
    const std::vector<pid_t> still = Workers(store);
    const bool alive =
        std::find(still.begin(), still.end(), worker) != still.end();
    if (alive) frozen = worker;
    return alive;
  });
  return frozen;
}

// Results in `store`, in which a run may be writing.
int DoneJobs(const std::string& store) {
  try {
    int done = 0;
    for (const std::string& job : JobDirs(store)) {
      done += FileExists(job + "/result.textproto") ? 1 : 0;
    }
    return done;
  } catch (const std::filesystem::filesystem_error&) {
    return 0;  // A directory went while it was listed; the caller asks again.
  }
}

class KillTest : public testing::TestWithParam<bool> {};

TEST_P(KillTest, AfterKillsOfLivingRanksTheSameCommandFinishesTheSameTable) {
  const bool kill_ranks_too = GetParam();
  const std::string store = NewStore();
  const std::vector<std::string> command = {"run", TinyExperiment(), "--store",
                                            store};
  Philox random(/*seed=*/1, kill_ranks_too ? "kill ranks" : "kill");
  for (int round = 0; round < 5; ++round) {
    Started run(command);
    // Each kill comes a job later at least, so that all kinds of jobs are hit.
    ASSERT_TRUE(Eventually([&] { return DoneJobs(store) >= round; })) << round;
    std::this_thread::sleep_for(std::chrono::milliseconds(
        static_cast<int64_t>(random.NextUniform() * 400)));
    const pid_t rank = FreezeWorker(store, random);
    ASSERT_NE(rank, 0) << "no rank was alive at kill " << round;
    if (kill_ranks_too) {
      ASSERT_EQ(kill(rank, SIGKILL), 0);
    }
    ASSERT_EQ(kill(run.pid(), SIGKILL), 0);
    EXPECT_EQ(run.Wait().code, 128 + SIGKILL);
    EXPECT_TRUE(Eventually([&] { return Workers(store).empty(); }));
  }
  const Ended last = Transect(command);
  EXPECT_EQ(last.code, 0) << last.err;
  EXPECT_EQ(last.out, FilledReport());
  ExpectEveryJobDoneOnce(store, 8);
}

INSTANTIATE_TEST_SUITE_P(Ranks, KillTest, testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "TransectAndARank"
                                             : "TransectAlone";
                         });

TEST(RunTest, CtrlCStopsAtOnceAndTheSameCommandGoesOn) {
  const std::string store = NewStore({"inputs"});
  const std::vector<std::string> command = {"run", TinyExperiment(), "--store",
                                            store};
  Started run(command);
  ASSERT_TRUE(Eventually([&] { return !Workers(store).empty(); }));
  kill(run.pid(), SIGINT);
  const Ended stopped = run.Wait();
  EXPECT_EQ(stopped.code, 128 + SIGINT);
  EXPECT_THAT(stopped.err, HasSubstr("continue with: transect run"));
  EXPECT_THAT(Workers(store), IsEmpty());
  const Ended last = Transect(command);
  EXPECT_EQ(last.code, 0) << last.err;
  EXPECT_EQ(last.out, FilledReport());
}

}  // namespace
}  // namespace transect
