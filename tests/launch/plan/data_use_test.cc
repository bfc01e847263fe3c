#include "launch/plan/data_use.h"

#include <string>
#include <vector>

#include "data/data.pb.h"
#include "data/index/dataset_index.h"
#include "experiments/experiment.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/data/testing/small_dataset.h"
#include "tests/launch/testing/job_dirs.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class DataUseTest : public testing::Test {
 protected:
  DataUseTest() : root_(NewDatasetDir()), cache_(NewDir()) {
    WriteSmallDataset(root_,
                      {{.id = 1, .mask = {0, 0, 0, 0}},
                       {.id = 2, .mask_height = 30},
                       {.id = 3},
                       {.id = 4, .split = "val"},
                       {.id = 5, .split = "test", .mask = {0, 0, 0, 0}}});
    run_.mutable_training()->set_steps(1);
    run_.mutable_data()->set_train_split("train");
    run_.mutable_data()->add_eval_splits("val");
    FoundDataset* const data = run_.mutable_data()->mutable_found();
    data->set_role("rrsisd");
    data->set_format(FoundDataset::RRSISD);
    data->mutable_policy()->set_empty_mask(DefectPolicy::KEEP);
    data->mutable_policy()->set_size_mismatch(DefectPolicy::REPAIR);
    FoundInput& found = plan_.found.emplace_back();
    found.role = "rrsisd";
    found.path = root_;
    plan_.expansion.runs = {run_, run_};
  }

  void MakeIndex() {
    ASSERT_THAT(
        DatasetIndex::OpenFound(root_, run_.data().found(), "train", cache_),
        IsOk());
  }

  std::string root_;
  std::string cache_;
  RunSpec run_;
  Plan plan_;
};

TEST_F(DataUseTest, ThePolicyIsKnownBeforeTheData) {
  const std::vector<PlanDataUse> uses = FindDataUse(plan_, cache_);
  ASSERT_THAT(uses, SizeIs(1));
  EXPECT_THAT(uses[0], EqualsProto(R"pb(
                role: "rrsisd"
                policy: "keeps empty_mask; repairs size_mismatch"
                sized_as: "RRSIS-D"
              )pb"));
}

TEST_F(DataUseTest, CountsAreThoseOfTheSplitsThatAreRead) {
  MakeIndex();
  const std::vector<PlanDataUse> uses = FindDataUse(plan_, cache_);
  ASSERT_THAT(uses, SizeIs(1));
  EXPECT_THAT(uses[0], EqualsProto(R"pb(
                role: "rrsisd"
                policy: "keeps empty_mask; repairs size_mismatch"
                splits {
                  split: "train"
                  records: 3
                  used: 3
                  kept { kind: "empty_mask" records: 1 }
                  repaired { kind: "size_mismatch" records: 1 }
                }
                splits { split: "val" records: 1 used: 1 }
              )pb"));
}

TEST_F(DataUseTest, SizesAreThoseOfTheIndex) {
  DataSizes sizes;
  FindDataUse(plan_, cache_, &sizes);
  const DataSpec& data = run_.data();
  EXPECT_EQ(sizes.Find(data.found(), "train"), nullptr);
  EXPECT_EQ(SizeOfSplit(data, "train", sizes).items, 12181);
  EXPECT_TRUE(SizeOfSplit(data, "train", sizes).assumed);
  MakeIndex();
  FindDataUse(plan_, cache_, &sizes);
  EXPECT_EQ(SizeOfSplit(data, "train", sizes).items, 3);
  EXPECT_FALSE(SizeOfSplit(data, "train", sizes).assumed);
  EXPECT_EQ(SizeOfSplit(data, "val", sizes).items, 1);
  EXPECT_TRUE(SizeOfSplit(data, "test", sizes).assumed) << "nobody reads it";
  // What a policy drops is not there.
  run_.mutable_data()->mutable_found()->mutable_policy()->set_empty_mask(
      DefectPolicy::DROP);
  plan_.expansion.runs = {run_};
  FindDataUse(plan_, cache_, &sizes);
  EXPECT_EQ(SizeOfSplit(run_.data(), "train", sizes).items, 2);
}

TEST_F(DataUseTest, AnIndexThatIsOutOfDateCountsNothing) {
  MakeIndex();
  PutFile(root_, "images/rrsisd/JPEGImages/00003.jpg", "other");
  PutFile(root_, "images/rrsisd/JPEGImages/00004.jpg", "other");
  EXPECT_THAT(FindDataUse(plan_, cache_)[0].splits(), SizeIs(0));
}

TEST_F(DataUseTest, SaysInAdvanceWhereARunWouldStop) {
  MakeIndex();
  RunSpec strict = run_;
  strict.mutable_data()->add_eval_splits("test");
  strict.mutable_data()->mutable_found()->clear_policy();
  plan_.expansion.runs.push_back(strict);
  const std::vector<PlanDataUse> uses = FindDataUse(plan_, cache_);
  ASSERT_THAT(uses, SizeIs(2));
  EXPECT_EQ(uses[1].policy(), "");
  ASSERT_THAT(uses[1].splits(), SizeIs(1));
  EXPECT_EQ(uses[1].splits(0).split(), "val");
  EXPECT_THAT(
      uses[1].stops(),
      ElementsAre(AllOf(HasSubstr("data.found.policy.empty_mask may be ERROR, "
                                  "KEEP or DROP\n"),
                        HasSubstr("data.found.policy.size_mismatch may be")),
                  HasSubstr("(id 5): empty_mask")));
}

TEST_F(DataUseTest, TheRunThatMakesInitialWeightsReadsItsDataToo) {
  RunSpec outer;
  *outer.mutable_weights()->mutable_trained()->mutable_run() = run_;
  plan_.expansion.runs = {outer};
  EXPECT_THAT(FindDataUse(plan_, cache_), SizeIs(1));
}

// What is left to read.
TEST_F(DataUseTest, WantedJobsReadTheSplitsThatTheyStillNeed) {
  plan_.found[0].identity = "abc";
  for (int i = 0; i < 3; ++i) {
    Job& job = plan_.jobs.emplace_back();
    TrainJob* const train = job.launch.mutable_train();
    *train->mutable_run() = run_;
    train->add_evaluation()->set_split("val");
  }
  EXPECT_THAT(FindUsedData(plan_), SizeIs(0)) << "nothing is wanted";
  plan_.jobs[0].wanted = true;
  plan_.jobs[0].state = JobState::kTrained;
  plan_.jobs[0].unevaluated = {"val"};
  std::vector<UsedData> used = FindUsedData(plan_);
  ASSERT_THAT(used, SizeIs(1));
  EXPECT_THAT(used[0].splits, ElementsAre("val"));
  EXPECT_EQ(used[0].root, root_);
  EXPECT_EQ(used[0].identity, "abc");
  const std::string trained = CheckKey(used[0]);
  plan_.jobs[1].wanted = true;
  plan_.jobs[2].wanted = true;
  used = FindUsedData(plan_);
  ASSERT_THAT(used, SizeIs(1)) << "all read the same";
  EXPECT_THAT(used[0].splits, ElementsAre("train", "val"));
  // Content, splits and policy count; role and place do not.
  const std::string all = CheckKey(used[0]);
  EXPECT_NE(all, trained);
  UsedData other = used[0];
  other.root = "/elsewhere";
  other.data.set_role("called otherwise");
  EXPECT_EQ(CheckKey(other), all);
  other.identity = "abd";
  EXPECT_NE(CheckKey(other), all);
  other = used[0];
  other.data.mutable_policy()->set_empty_mask(DefectPolicy::ERROR);
  EXPECT_NE(CheckKey(other), all);
}

}  // namespace
}  // namespace transect
