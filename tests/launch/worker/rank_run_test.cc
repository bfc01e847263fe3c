#include "launch/worker/rank_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/index/dataset_index.h"
#include "data/io/file.h"
#include "launch/store/job.pb.h"
#include "launch/store/result.pb.h"
#include "launch/store/store.h"
#include "launch/worker/result_file.h"
#include "tests/launch/testing/small_run.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// SmallRun on one rank.
LaunchPlan Plan(const std::string& name) {
  LaunchPlan plan;
  plan.set_id("0123456789abcdef0123456789abcdef");
  plan.set_code("fedcba9876543210fedcba9876543210");
  plan.set_attempt(1);
  plan.set_ranks(1);
  plan.set_job_dir(absl::StrCat(testing::TempDir(), "/", name));
  plan.set_attempt_dir(AttemptDir(plan.job_dir(), 1));
  *plan.mutable_train()->mutable_run() = SmallRun();
  plan.mutable_train()->set_tokenizer_path(GetSmallFiles().tokenizer_path);
  plan.mutable_train()->set_data_root(GetSmallFiles().data_root);
  EXPECT_THAT(MakeDirs(plan.attempt_dir()), IsOk());
  return plan;
}

TEST(RankRun, NotesASplit) {
  LaunchPlan plan = Plan("notes");
  TokenizerSpec* const tokenizer =
      plan.mutable_train()->mutable_run()->mutable_tokenizer();
  tokenizer->set_max_tokens(2);
  tokenizer->set_over_limit(TokenizerSpec::TRUNCATE);
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<RankRun> run,
                       RankRun::Open(plan, /*rank=*/0));
  ASSERT_OK_AND_ASSIGN(const OpenedSplit split, run->OpenSplit("val"));
  EXPECT_EQ(split.data.samples().size(), static_cast<size_t>(kSmallEvalImages));
  EXPECT_THAT(split.notes.texts, ElementsAre(HasSubstr("of split val")));
}

TEST(RankRun, OpensTheNetworkInTheModeThatItIsFor) {
  const LaunchPlan plan = Plan("modes");
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<RankRun> run,
                       RankRun::Open(plan, /*rank=*/0));
  ASSERT_THAT(run->OpenInitialModel(), IsOk());
  EXPECT_TRUE(run->model().is_training());
  ASSERT_THAT(run->OpenTrainedModel(/*trained_weights=*/""), IsOk());
  EXPECT_FALSE(run->model().is_training());
  EXPECT_EQ(run->task().model, &run->model());
}

TEST(RankRun, AnEvaluationHasAResultOfItsOwn) {
  const LaunchPlan plan = Plan("evaluated");
  ASSERT_OK_AND_ASSIGN(const std::unique_ptr<RankRun> run,
                       RankRun::Open(plan, /*rank=*/0));
  ASSERT_OK_AND_ASSIGN(const OpenedSplit split, run->OpenSplit("val"));
  ASSERT_THAT(run->OpenInitialModel(), IsOk());
  ASSERT_THAT(run->Evaluate(plan, split, Result()), IsOk());
  const ResultCheck check = CheckResult(plan.job_dir(), plan.id(), plan.code());
  ASSERT_EQ(check.state, ResultCheck::kValid) << check.problem;
  EXPECT_EQ(check.result.eval_items(), kSmallEvalImages);
  EXPECT_GT(check.result.eval_seconds(), 0);
  // Pictures, metrics, masks.
  EXPECT_EQ(check.result.file_size(), 3);
  EXPECT_FALSE(check.result.has_resolution());
}

TEST(RankRun, AnEvaluationAtAnotherResolutionSaysSo) {
  std::vector<std::string> contents;
  for (const int resolution : {0, 32}) {
    LaunchPlan plan = Plan(absl::StrCat("resolution_", resolution));
    plan.mutable_train()->mutable_run()->mutable_evaluation()->set_resolution(
        resolution);
    ASSERT_OK_AND_ASSIGN(const std::unique_ptr<RankRun> run,
                         RankRun::Open(plan, /*rank=*/0));
    ASSERT_OK_AND_ASSIGN(const OpenedSplit split, run->OpenSplit("val"));
    ASSERT_THAT(run->OpenInitialModel(), IsOk());
    ASSERT_THAT(run->Evaluate(plan, split, Result()), IsOk());
    const ResultCheck check =
        CheckResult(plan.job_dir(), plan.id(), plan.code());
    ASSERT_EQ(check.state, ResultCheck::kValid) << check.problem;
    EXPECT_EQ(check.result.resolution(), resolution);
    contents.push_back(check.result.content_digest());
  }
  EXPECT_NE(contents[0], contents[1]);
}

}  // namespace
}  // namespace transect
