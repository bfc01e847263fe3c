#include "launch/execute/progress.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/io/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/execute/screen_writer.h"
#include "launch/plan/plan.h"
#include "launch/store/store.h"
#include "metrics/log_writer.h"
#include "metrics/metric_log.pb.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

MetricRecord Step(int64_t step, int64_t steps) {
  MetricRecord record;
  record.mutable_train_step()->set_step(step);
  record.mutable_train_step()->set_steps(steps);
  record.mutable_train_step()->set_loss(0.51234);
  record.mutable_train_step()->set_step_seconds(0.102);
  return record;
}

// A plan with one running job and a file to print to.
class ProgressTest : public testing::Test {
 protected:
  ProgressTest() : dir_(NewDir()) {
    Job job;
    job.id = "0123456789abcdef0123456789abcdef";
    job.name = "rank=2 seed 1";
    job.wanted = true;
    plan_.jobs.push_back(job);
    descriptor_ =
        open((dir_ + "/screen").c_str(), O_RDWR | O_CREAT | O_APPEND, 0666);
  }
  ~ProgressTest() override { close(descriptor_); }

  std::unique_ptr<ProgressView> View(bool bars, bool color) {
    ProgressStyle style;
    style.bars = bars;
    style.color = color;
    style.width = 60;
    screen_ = std::make_unique<ScreenWriter>(descriptor_);
    return std::make_unique<ProgressView>(plan_, "transect run a.textproto",
                                          style, screen_.get());
  }

  std::string Screen() {
    EXPECT_TRUE(screen_->Flush(std::chrono::minutes(2)));
    return *ReadFile(dir_ + "/screen");
  }

  // Draws when all before is written, as bars wait for that.
  void Tick(ProgressView* view) {
    Screen();
    view->OnTick(std::chrono::steady_clock::now());
  }

  std::string dir_;
  Plan plan_;
  int descriptor_;
  std::unique_ptr<ScreenWriter> screen_;
};

TEST(JobProgressTest, SaysHowFarATrainingIs) {
  JobProgress progress({"/nowhere"});
  EXPECT_EQ(progress.Text(), "starting");
  progress.Add(Step(60, 300));
  EXPECT_EQ(progress.Text(),
            "step 60/300  loss 0.5123  102 ms/step  24 s left");
  EXPECT_DOUBLE_EQ(progress.fraction(), 0.2);
}

TEST(JobProgressTest, FollowsTheMetricLog) {
  const std::string path = NewDir() + "/log";
  JobProgress progress({path});
  progress.Poll();
  EXPECT_EQ(progress.what(), "");
  ASSERT_OK_AND_ASSIGN(auto writer, MetricLogWriter::Create(path));
  MetricRecord record;
  record.mutable_progress()->set_what("images");
  record.mutable_progress()->set_done(3);
  record.mutable_progress()->set_total(4);
  ASSERT_THAT(writer->Append(record), IsOk());
  ASSERT_THAT(writer->Sync(), IsOk());
  progress.Poll();
  EXPECT_EQ(progress.Text(), "images 3/4");
}

TEST_F(ProgressTest, OffATerminalPrintsChangesAndSomeTenthsAndNoEscapes) {
  const auto view = View(/*bars=*/false, /*color=*/false);
  const std::string attempt = NewDir();
  view->OnStart(0, attempt);
  ASSERT_OK_AND_ASSIGN(auto writer,
                       MetricLogWriter::Create(RankMetricsPath(attempt, 0)));
  SteadyTime now = std::chrono::steady_clock::now();
  for (const int64_t step : {1, 30, 31, 59, 60}) {
    ASSERT_THAT(writer->Append(Step(step, 300)), IsOk());
    ASSERT_THAT(writer->Sync(), IsOk());
    view->OnTick(now);
    now += kLineEvery;
    Screen();
  }
  // A tenth each, in less than the time between two lines.
  for (const int64_t step : {90, 120, 150}) {
    ASSERT_THAT(writer->Append(Step(step, 300)), IsOk());
    ASSERT_THAT(writer->Sync(), IsOk());
    now += kLineEvery / 4;
    view->OnTick(now - kLineEvery);
  }
  JobEnd end;
  end.kind = JobEnd::kDone;
  end.seconds = 33;
  view->OnEnd(0, end);
  EXPECT_EQ(
      Screen(),
      "[0/1] start     0123456789ab  rank=2 seed 1\n"
      "[0/1] 10 %      0123456789ab  rank=2 seed 1  step 30/300  loss 0.5123"
      "  102 ms/step  28 s left\n"
      "[0/1] 20 %      0123456789ab  rank=2 seed 1  step 60/300  loss 0.5123"
      "  102 ms/step  24 s left\n"
      "[1/1] done      0123456789ab  rank=2 seed 1  33 s\n");
}

TEST_F(ProgressTest, AFailureSaysLogCommandAndLastTheCause) {
  const auto view = View(/*bars=*/false, /*color=*/false);
  JobEnd end;
  end.kind = JobEnd::kFailed;
  end.cause = "DATA: cannot read a.jpg";
  end.log = "/s/rank00000.log";
  view->OnEnd(0, end);
  EXPECT_EQ(Screen(),
            "[1/1] FAILED    0123456789ab  rank=2 seed 1\n"
            "    log    /s/rank00000.log\n"
            "    again  transect run a.textproto 0123456789ab\n"
            "    cause  DATA: cannot read a.jpg\n");
}

// The last line of a rank's log, a cell's name and the name of a host come from
// others.
TEST_F(ProgressTest, NothingThatOthersWroteActsOnTheTerminal) {
  constexpr char kHostile[] = "\x1b[2J\x1b[31m\x1b]0;x\x07\r\u009b2J\u202e\xff";
  plan_.jobs[0].name = kHostile;
  for (const bool bars : {false, true}) {
    const auto view = View(bars, /*color=*/true);
    view->OnStart(0, dir_);
    view->OnElsewhere(0, kHostile);
    view->OnTick(SteadyTime::clock::now());
    JobEnd end;
    end.kind = JobEnd::kFailed;
    end.cause = kHostile;
    end.log = kHostile;
    view->OnEnd(0, end);
    view->Finish();
    const std::string screen = Screen();
    EXPECT_THAT(screen,
                AllOf(HasSubstr("cause  \\u001b[2J\\u001b[31m"),
                      Not(HasSubstr("\x1b[2J")), Not(HasSubstr("\x1b]")),
                      Not(HasSubstr("\r")), Not(HasSubstr("\u009b")),
                      Not(HasSubstr("\u202e")), Not(HasSubstr("\xff"))));
  }
}

TEST_F(ProgressTest, OnATerminalDrawsABarForEachJobAndOneForAll) {
  const auto view = View(/*bars=*/true, /*color=*/true);
  view->OnStart(0, NewDir());
  Tick(view.get());
  Tick(view.get());
  EXPECT_THAT(Screen(),
              AllOf(HasSubstr("░░░░░░░░░░░░░░░░░░░░  rank=2 seed 1  starting"),
                    HasSubstr("0 done · 1 running · 0 waiting"),
                    // The second drawing goes over the first one's two lines.
                    HasSubstr("\x1b[2A")));
  view->Finish();
  EXPECT_THAT(Screen(), testing::EndsWith("\x1b[2A\x1b[J"));
}

TEST_F(ProgressTest, WhatWasStoppedHasNotEnded) {
  const auto view = View(/*bars=*/false, /*color=*/false);
  JobEnd end;
  end.kind = JobEnd::kInterrupted;
  view->OnEnd(0, end);
  EXPECT_EQ(Screen(), "[0/1] stopped   0123456789ab  rank=2 seed 1\n");
}

TEST_F(ProgressTest, WhatWaitsSaysForWhat) {
  const auto view = View(/*bars=*/false, /*color=*/false);
  view->OnWait(0, "other launchers have the GPUs");
  EXPECT_EQ(Screen(),
            "[0/1] waits     0123456789ab  rank=2 seed 1  other launchers have "
            "the GPUs\n");
}

TEST_F(ProgressTest, WhatComesAgainSaysWhy) {
  const auto view = View(/*bars=*/false, /*color=*/false);
  view->OnStart(0, NewDir());
  view->OnAgain(0, "TRY_AGAIN: the disk is away");
  view->OnStart(0, NewDir());
  EXPECT_EQ(Screen(),
            "[0/1] start     0123456789ab  rank=2 seed 1\n"
            "[0/1] again     0123456789ab  rank=2 seed 1  TRY_AGAIN: the disk "
            "is away\n"
            "[0/1] start     0123456789ab  rank=2 seed 1\n");
}

TEST_F(ProgressTest, AScreenThatTakesNothingLosesBarsButNoLine) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  ProgressStyle style;
  style.bars = true;
  ScreenWriter screen(pipe_ends[1]);
  screen.Write(std::string(1 << 20, '.'));
  ProgressView view(plan_, "transect run a.textproto", style, &screen);
  view.OnStart(0, NewDir());
  for (int i = 0; i < 1000; ++i) {
    view.OnTick(std::chrono::steady_clock::now());
  }
  JobEnd end;
  end.kind = JobEnd::kFailed;
  end.cause = "DATA: cannot read a.jpg";
  view.OnEnd(0, end);
  EXPECT_FALSE(screen.Flush(std::chrono::milliseconds(20)));
  std::string text;
  while (!absl::EndsWith(text, "a.jpg\n")) {
    char piece[65536];
    const ssize_t got = read(pipe_ends[0], piece, sizeof(piece));
    ASSERT_GT(got, 0);
    text.append(piece, static_cast<size_t>(got));
  }
  EXPECT_EQ(text.substr(text.rfind('.', text.size() - 20) + 1),
            "[0/1] start     0123456789ab  rank=2 seed 1\n"
            "[1/1] FAILED    0123456789ab  rank=2 seed 1\n"
            "    cause  DATA: cannot read a.jpg\n");
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

TEST_F(ProgressTest, LinesAreCutToTheTerminal) {
  plan_.jobs[0].name = std::string(200, 'x');
  const auto view = View(/*bars=*/true, /*color=*/false);
  view->OnStart(0, NewDir());
  const size_t before = Screen().size();
  view->OnTick(std::chrono::steady_clock::now());
  // 60 columns, of which one stays free: a margin, the bar, a gap, the name.
  EXPECT_THAT(Screen().substr(before),
              HasSubstr(absl::StrCat("░  ", std::string(34, 'x'), "…\x1b[K")));
}

TEST_F(ProgressTest, BarsWithoutColorStillHaveNoColorCodes) {
  const auto view = View(/*bars=*/true, /*color=*/false);
  view->OnStart(0, NewDir());
  Tick(view.get());
  EXPECT_THAT(Screen(), HasSubstr("starting"));
  EXPECT_THAT(Screen(), Not(ContainsRegex("\x1b\\[[0-9;]*m")));
}

}  // namespace
}  // namespace transect
