#include "launch/watch/run_table.h"

#include <deque>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/watch/watched_run.pb.h"

namespace transect {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class RunTableTest : public ::testing::Test {
 protected:
  WatchedRun& Add(WatchState::Value state) {
    WatchedRun& run = runs_.emplace_back();
    run.set_number(static_cast<int32_t>(runs_.size()));
    run.set_id(std::string(32, 'a'));
    run.set_name(absl::StrCat("rank=2 seed ", runs_.size()));
    run.set_cell("rank=2");
    run.set_state(state);
    return run;
  }

  std::string Render(const RunTableStyle& style = {}) const {
    std::vector<const WatchedRun*> runs;
    for (const WatchedRun& run : runs_) runs.push_back(&run);
    return RenderRunTable(runs, style);
  }

  std::deque<WatchedRun> runs_;
};

TEST_F(RunTableTest, NoRunsNoTable) { EXPECT_EQ(Render(), ""); }

TEST_F(RunTableTest, AllThatIsKnownStandsInOneLine) {
  WatchedRun& running = Add(WatchState::RUNNING);
  running.set_activity("step");
  running.set_done(120);
  running.set_total(300);
  running.set_loss(0.51234);
  running.set_giou(0.412);
  running.set_split("val");
  running.set_validated_step(100);
  running.set_seconds_left(300);
  running.set_node("node7");
  running.set_restarts(2);
  WatchedRun& done = Add(WatchState::DONE);
  done.set_giou(0.5);
  done.set_delta(-0.0125);
  EXPECT_EQ(
      Render(),
      "  #   state    run               step    loss  gIoU val  Δ base   left  "
      " "
      "node  restarts  id\n"
      "  #1  running  rank=2 seed 1  120/300  0.5123   (41.20)       –  5 min  "
      "node7         2  aaaaaaaaaaaa\n"
      "  #2  done     rank=2 seed 2        –       –     50.00   -1.25      –  "
      " "
      "   –         –  aaaaaaaaaaaa\n");
}

TEST_F(RunTableTest, ColumnsInWhichNothingStandsAreLeftOut) {
  Add(WatchState::NEW);
  EXPECT_EQ(Render(),
            "  #   state  run            id\n"
            "  #1  new    rank=2 seed 1  aaaaaaaaaaaa\n");
}

TEST_F(RunTableTest, AReasonStandsLast) {
  WatchedRun& queued = Add(WatchState::QUEUED);
  queued.set_note("Resources");
  queued.set_estimated_start("2026-01-31T12:00:00");
  queued.set_job("17_[3]");
  EXPECT_THAT(
      Render(),
      HasSubstr(
          "aaaaaaaaaaaa  Resources, starts 2026-01-31T12:00:00, job 17_[3]\n"));
}

TEST_F(RunTableTest, LinesAreAsWideAsTheTerminal) {
  Add(WatchState::FAILED).set_note(std::string(500, 'x'));
  const std::string text = Render({.color = false, .width = 40});
  EXPECT_THAT(text, Not(HasSubstr(std::string(40, 'x'))));
  EXPECT_THAT(text, HasSubstr("…"));
}

TEST_F(RunTableTest, ColorRepeatsTheState) {
  Add(WatchState::FAILED);
  EXPECT_THAT(Render({.color = true}), HasSubstr("\x1b[31mfailed\x1b[0m"));
  EXPECT_THAT(Render(), Not(HasSubstr("\x1b")));
}

TEST_F(RunTableTest, NamesCannotBreakALine) {
  Add(WatchState::NEW).set_name("a\nb\x1b[2Jc");
  EXPECT_THAT(Render(), HasSubstr("a b [2Jc"));
}

// A line for each cell, and one for each run that a person wants to see.
TEST_F(RunTableTest, ManyRunsAreCountedByCell) {
  for (int i = 0; i < 60; ++i) {
    WatchedRun& run = Add(i < 30 ? WatchState::DONE : WatchState::NEW);
    if (i % 2 == 0) run.set_cell("rank=8");
    if (i < 30) run.set_giou(i % 2 == 0 ? 0.25 : 0.75);
  }
  Add(WatchState::FAILED).set_note("no disk");
  const std::string text = Render();
  EXPECT_THAT(text, HasSubstr("failed  rank=2 seed 61"));
  EXPECT_THAT(text, Not(HasSubstr("seed 60")));
  EXPECT_THAT(text, HasSubstr("  cell    runs  mean gIoU\n"));
  EXPECT_THAT(text, HasSubstr("  rank=8    30      25.00  15 done, 15 new\n"));
  EXPECT_THAT(
      text,
      HasSubstr("  rank=2    31      75.00  15 done, 15 new, 1 failed\n"));
  EXPECT_THAT(Render({.rows = 0}), HasSubstr("seed 60"));
}

TEST_F(RunTableTest, MoreThatWentWrongThanFitsIsCounted) {
  for (int i = 0; i < 50; ++i) Add(WatchState::FAILED);
  EXPECT_THAT(Render(), HasSubstr("  and 10 more that run or went wrong\n"));
}

TEST_F(RunTableTest, WithoutAnExperimentIdsComeFirst) {
  WatchedRun& run = Add(WatchState::DONE);
  run.set_number(0);
  run.set_experiment("tables");
  EXPECT_EQ(Render(),
            "  id            state  run\n"
            "  aaaaaaaaaaaa  done   tables: rank=2 seed 1\n");
}

}  // namespace
}  // namespace transect
