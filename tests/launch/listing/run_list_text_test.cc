#include "launch/listing/run_list_text.h"

#include <stdlib.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

StoreListing Two() {
  setenv("TZ", "UTC", 1);
  StoreListing list;
  list.set_store("/s");
  list.set_code("fedcba9876543210fedcba9876543210");
  ListedRun* run = list.add_runs();
  run->set_id(std::string(32, 'a'));
  run->set_code("fedcba987654");
  run->set_state(ListedState::DONE);
  run->set_experiment("tables");
  run->set_name("rank=2 seed 1");
  run->set_start_unix_us(1'764'511'500'000'000);
  ListedEvaluation* evaluation = run->add_evaluations();
  evaluation->set_split("val");
  evaluation->set_giou(0.4125);
  evaluation = run->add_evaluations();
  evaluation->set_split("test");
  evaluation->set_data("/data/new");
  run = list.add_runs();
  run->set_id(std::string(32, 'b'));
  run->set_code("0123456789ab");
  run->set_state(ListedState::FAILED);
  run->set_note("the disk\nis full");
  list.set_all_runs(2);
  return list;
}

TEST(RenderRunListTest, ExperimentsThenRunsThenCounts) {
  EXPECT_EQ(
      RenderRunList(Two(), {}),
      "store /s   present code fedcba987654\n"
      "  experiment  runs  last\n"
      "  -           1     –                 1 failed\n"
      "  tables      1     2025-11-30 14:05  1 done\n"
      "\n"
      "  id            state   started           gIoU                      "
      "  code          experiment  run\n"
      "  aaaaaaaaaaaa  done    2025-11-30 14:05  val 41.25, test of "
      "…/new ?  fedcba987654  tables      rank=2 seed 1\n"
      "  bbbbbbbbbbbb  failed  –                 –                     "
      "      0123456789ab  -           -; the disk is full\n"
      "\n"
      "2 runs: 1 done, 1 failed\n");
}

// `transect evaluate` on ten data sets does not push the rest off the screen.
TEST(RenderRunListTest, ManyEvaluationsAreCounted) {
  StoreListing list = Two();
  ListedRun* const run = list.mutable_runs(0);
  run->mutable_evaluations()->SwapElements(0, 1);
  for (int i = 0; i < 9; ++i) *run->add_evaluations() = run->evaluations(0);
  EXPECT_THAT(RenderRunList(list, {}),
              HasSubstr("val 41.25, test of …/new ?, 9 more  fedcba"));
}

TEST(RenderRunListTest, AnotherResolutionIsNamed) {
  StoreListing list = Two();
  list.mutable_runs(0)->mutable_evaluations(0)->set_resolution(480);
  EXPECT_THAT(RenderRunList(list, {}), HasSubstr("val at 480 px 41.25, test"));
}

TEST(RenderRunListTest, OnlyTheStateIsColored) {
  EXPECT_THAT(RenderRunList(Two(), {.color = true}),
              HasSubstr("aaaaaaaaaaaa  \x1b[32mdone\x1b[0m    2025"));
}

TEST(RenderRunListTest, LinesAreCutToTheTerminal) {
  const std::string text = RenderRunList(Two(), {.color = true, .width = 30});
  EXPECT_THAT(text, AllOf(HasSubstr("done\x1b[0m    2025-…\n"),
                          Not(HasSubstr("tables      rank"))));
}

TEST(RenderRunListTest, NeitherNarrowTerminalsNorLinesWithinNamesEndIt) {
  StoreListing list = Two();
  list.mutable_runs(0)->set_name("a\nb");
  list.mutable_runs(0)->set_experiment("c\nd");
  const std::string text = RenderRunList(list, {.color = true});
  EXPECT_THAT(text, AllOf(HasSubstr("  c d"), HasSubstr("  a b\n"),
                          HasSubstr("\x1b[31mfailed\x1b[0m")));
  for (int width = 1; width < 20; ++width) {
    EXPECT_NE(RenderRunList(list, {.color = true, .width = width}), "");
  }
}

TEST(RenderRunListTest, OfManyTheYoungestAreShown) {
  StoreListing list = Two();
  while (list.runs_size() < kMostListedRuns + 1)
    *list.add_runs() = list.runs(0);
  list.set_all_runs(100);
  const std::string end = absl::StrCat(
      "\n51 runs of 100: 50 done, 1 failed; the 50 youngest are "
      "shown, --all shows all\n");
  EXPECT_THAT(RenderRunList(list, {}), HasSubstr(end));
  EXPECT_THAT(RenderRunList(list, {.all = true}),
              HasSubstr("\n51 runs of 100: 50 done, 1 failed\n"));
}

TEST(RenderRunListTest, NothingIsSaid) {
  StoreListing list;
  list.set_store("/s");
  EXPECT_EQ(RenderRunList(list, {}),
            "store /s   present code unknown\nNo runs.\n");
  list.set_all_runs(3);
  EXPECT_THAT(RenderRunList(list, {}), HasSubstr("None of 3 runs matches.\n"));
}

}  // namespace
}  // namespace transect
