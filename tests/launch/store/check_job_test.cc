#include "launch/store/check_job.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/store/job.pb.h"
#include "launch/store/store.h"
#include "tests/launch/testing/job_dirs.h"

namespace transect {
namespace {

using ::testing::HasSubstr;

constexpr char kId[] = "0123456789abcdef0123456789abcdef";
constexpr char kVal[] = "1123456789abcdef0123456789abcdef";
constexpr char kTest[] = "2123456789abcdef0123456789abcdef";
constexpr char kCode[] = "fedcba9876543210fedcba9876543210";

class CheckJobTest : public testing::Test {
 protected:
  CheckJobTest() {
    plan_.set_id(kId);
    plan_.set_code(kCode);
    plan_.set_job_dir(NewDir());
    Add("val", kVal);
    Add("test", kTest);
  }

  void Add(const std::string& split, const std::string& id) {
    EvaluateJob* const evaluation = plan_.mutable_train()->add_evaluation();
    evaluation->set_split(split);
    evaluation->set_id(id);
  }

  void PutEvaluation(const std::string& split, const std::string& id,
                     const std::string& more = "") {
    const std::string dir = EvaluationDir(plan_.job_dir(), split, id);
    PutResult(dir, id, kCode);
    Put(dir + "/result.textproto", "id: '" + id + "' code: '" + kCode +
                                       "' file { path: 'out' bytes: 3 } " +
                                       more);
  }

  LaunchPlan plan_;
};

TEST_F(CheckJobTest, WithoutATrainingItIsAbsent) {
  PutEvaluation("val", kVal);
  EXPECT_EQ(CheckJob(plan_).state, ResultCheck::kAbsent);
}

TEST_F(CheckJobTest, WithoutAnEvaluationItIsTrained) {
  PutResult(plan_.job_dir(), kId, kCode);
  ResultCheck check = CheckJob(plan_);
  EXPECT_EQ(check.state, ResultCheck::kTrained);
  EXPECT_EQ(check.result.id(), kId);
  EXPECT_EQ(check.problem, "trained; not evaluated on val, test");
  PutEvaluation("val", kVal);
  check = CheckJob(plan_);
  EXPECT_EQ(check.state, ResultCheck::kTrained);
  EXPECT_EQ(check.problem, "trained; not evaluated on test");
}

TEST_F(CheckJobTest, WithAllOfThemItIsDoneAndTheirNumbersAreSums) {
  Put(plan_.job_dir() + "/out", "abc");
  Put(plan_.job_dir() + "/result.textproto",
      std::string("id: '") + kId + "' code: '" + kCode +
          "' steps: 7 seconds: 2 truncated_sentences: 1 peak_memory_bytes: 50 "
          "file { path: 'out' bytes: 3 }");
  PutEvaluation(
      "val", kVal,
      "seconds: 1 eval_items: 5 eval_seconds: 0.5 peak_memory_bytes: 60");
  PutEvaluation("test", kTest,
                "eval_items: 6 eval_seconds: 0.25 truncated_sentences: 2");
  const ResultCheck check = CheckJob(plan_);
  ASSERT_EQ(check.state, ResultCheck::kValid);
  EXPECT_EQ(check.result.steps(), 7);
  EXPECT_EQ(check.result.seconds(), 3);
  EXPECT_EQ(check.result.eval_items(), 11);
  EXPECT_EQ(check.result.eval_seconds(), 0.75);
  EXPECT_EQ(check.result.truncated_sentences(), 3);
  EXPECT_EQ(check.result.peak_memory_bytes(), 60);
}

TEST_F(CheckJobTest, ACorruptEvaluationIsCorrupt) {
  PutResult(plan_.job_dir(), kId, kCode);
  PutEvaluation("val", kVal);
  // Of another training.
  PutResult(EvaluationDir(plan_.job_dir(), "test", kTest), kVal, kCode);
  const ResultCheck check = CheckJob(plan_);
  EXPECT_EQ(check.state, ResultCheck::kCorrupt);
  EXPECT_THAT(check.problem, HasSubstr("test-2123456789ab/result.textproto"));
}

// The numbers are in logs of their own.
TEST_F(CheckJobTest, WithoutItsWeightsItIsDoneIfItIsEvaluated) {
  Put(plan_.job_dir() + "/result.textproto",
      std::string("id: '") + kId + "' code: '" + kCode +
          "' file { path: 'weights.safetensors' bytes: 3 }");
  ResultCheck check = CheckResult(plan_.job_dir(), kId, kCode);
  EXPECT_EQ(check.state, ResultCheck::kValid);
  EXPECT_TRUE(check.weights_gone);
  PutEvaluation("val", kVal);
  check = CheckJob(plan_);
  EXPECT_EQ(check.state, ResultCheck::kCorrupt);
  EXPECT_THAT(check.problem,
              testing::AllOf(HasSubstr("weights.safetensors is gone"),
                             HasSubstr("the evaluation on test needs")));
  PutEvaluation("test", kTest);
  check = CheckJob(plan_);
  EXPECT_EQ(check.state, ResultCheck::kValid) << check.problem;
  EXPECT_TRUE(check.weights_gone);
  // Weights that have another size are not what the run made.
  Put(plan_.job_dir() + "/weights.safetensors", "abcd");
  EXPECT_EQ(CheckJob(plan_).state, ResultCheck::kCorrupt);
  Put(plan_.job_dir() + "/weights.safetensors", "abc");
  check = CheckJob(plan_);
  EXPECT_EQ(check.state, ResultCheck::kValid);
  EXPECT_FALSE(check.weights_gone);
}

// Runs begin with them.
TEST_F(CheckJobTest, AJobThatOnlyMakesWeightsIsNotDoneWithoutThem) {
  plan_.mutable_train()->clear_evaluation();
  Put(plan_.job_dir() + "/result.textproto",
      std::string("id: '") + kId + "' code: '" + kCode +
          "' file { path: 'weights.safetensors' bytes: 3 }");
  const ResultCheck check = CheckJob(plan_);
  EXPECT_EQ(check.state, ResultCheck::kCorrupt);
  EXPECT_THAT(check.problem, HasSubstr("weights.safetensors is gone"));
}

TEST_F(CheckJobTest, AJobThatEvaluatesNothingIsDoneWithItsResult) {
  plan_.clear_train();
  EXPECT_EQ(EvaluationsOf(plan_).size(), 0);
  PutResult(plan_.job_dir(), kId, kCode);
  EXPECT_EQ(CheckJob(plan_).state, ResultCheck::kValid);
}

}  // namespace
}  // namespace transect
