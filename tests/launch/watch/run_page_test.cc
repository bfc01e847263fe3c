#include "launch/watch/run_page.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/cancel.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kCode[] = "fedcba9876543210fedcba9876543210";

class RunPageTest : public ::testing::Test {
 protected:
  RunPageTest() : store_(*Store::OpenOrCreate(NewDir() + "/store")) {
    run_.set_id(std::string(32, 'a'));
    run_.set_code(ShownCode(kCode));
    run_.set_name("rank=2 seed 1");
    run_.set_state(WatchState::STOPPED);
    run_.set_directory(store_.RunDir(run_.id(), kCode));
  }

  std::string Text(const RunPage& page) const {
    RunPageStyle style;
    style.program = "transect";
    return RenderRunPage(page, style);
  }

  static RunPageStyle WithSpec() {
    RunPageStyle style;
    style.spec = true;
    return style;
  }

  Store store_;
  WatchedRun run_;
};

TEST_F(RunPageTest, ARunOfWhichNothingIsThere) {
  const RunPage page = MakeRunPage(store_, run_);
  EXPECT_EQ(page.attempt_size(), 0);
  EXPECT_FALSE(page.has_result());
  EXPECT_THAT(Text(page),
              AllOf(HasSubstr(absl::StrCat("run          ", run_.id(),
                                           "  rank=2 seed 1\n")),
                    HasSubstr("state        stopped\n")));
}

TEST_F(RunPageTest, AttemptsHaveWhatHappened) {
  const std::string first = AttemptDir(run_.directory(), 1);
  Put(ProvenancePath(first),
      "host: 'node7' user: 'ann' start_unix_us: 1000000 argv: 'transect' "
      "argv: 'run'\n");
  Put(OutcomePath(first),
      "exit_code: 71 rank: 1 cause: 'rank 1: NON_FINITE: nan'\n");
  const std::string second = AttemptDir(run_.directory(), 2);
  Put(ProvenancePath(second), "host: 'node8' start_unix_us: 2000000\n");
  for (const char* name :
       {"step-0000000010", "step-0000000002", "best-0000000002"}) {
    Put(absl::StrCat(CheckpointsDir(second), "/", name, ".safetensors"), "x");
  }
  Put(SpecPath(run_.directory()), "seed: 1\n");
  ASSERT_THAT(RequestCancel(run_.directory()), IsOk());
  const RunPage page = MakeRunPage(store_, run_);
  ASSERT_THAT(page.attempt(), SizeIs(2));
  EXPECT_EQ(page.attempt(0).outcome().exit_code(), 71);
  EXPECT_GT(page.attempt(0).end_unix_us(), 0);
  EXPECT_FALSE(page.attempt(1).has_outcome());
  EXPECT_THAT(page.attempt(1).checkpoint_step(), ElementsAre(2, 10));
  EXPECT_EQ(page.spec_text(), "seed: 1\n");
  // Both starts, the end of the first, the request; in order of time.
  ASSERT_THAT(page.event(), SizeIs(4));
  EXPECT_EQ(page.event(0).text(), "attempt 1 began on node7");
  EXPECT_EQ(page.event(1).text(), "attempt 2 began on node8");
  const std::string text = Text(page);
  EXPECT_THAT(text, HasSubstr("on node7 by ann"));
  EXPECT_THAT(text, HasSubstr("failed: rank 1: NON_FINITE: nan"));
  EXPECT_THAT(text, HasSubstr("checkpoints of steps 2, 10"));
  EXPECT_THAT(text, HasSubstr("did not say how it ended"));
  EXPECT_THAT(text, HasSubstr("transect show aaaaaaaaaaaa --resolved"));
  EXPECT_THAT(text, Not(HasSubstr("seed: 1")));
  EXPECT_THAT(RenderRunPage(page, WithSpec()), HasSubstr("seed: 1\n"));
}

TEST_F(RunPageTest, AResultHasFilesAndScores) {
  PutResult(run_.directory(), run_.id(), kCode);
  const std::string evaluation =
      EvaluationDir(run_.directory(), "val", std::string(32, 'e'));
  PutResult(evaluation, std::string(32, 'e'), kCode);
  Put(ResultPath(evaluation),
      absl::StrCat("id: '", std::string(32, 'e'), "' code: '", kCode,
                   "' attempt: 1 ranks: 1 eval_items: 8 giou: 0.25 file { "
                   "path: 'out' bytes: 3 }\n"));
  const RunPage page = MakeRunPage(store_, run_);
  EXPECT_TRUE(page.has_result());
  ASSERT_THAT(page.evaluation(), SizeIs(1));
  EXPECT_EQ(page.evaluation(0).split(), "val");
  ASSERT_THAT(page.file(), SizeIs(2));
  EXPECT_EQ(page.file(0).path(), "out");
  EXPECT_EQ(page.file(1).path(), "evaluations/val-eeeeeeeeeeee/out");
  EXPECT_THAT(Text(page), HasSubstr("val: 8 items, gIoU 25.00"));
}

TEST_F(RunPageTest, NamesCannotBreakALine) {
  run_.set_name("a\nrun b");
  EXPECT_THAT(Text(MakeRunPage(store_, run_)), HasSubstr("  a run b\n"));
}

}  // namespace
}  // namespace transect
