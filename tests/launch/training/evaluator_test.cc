// The evaluator on the tiny preset.

#include "launch/training/evaluator.h"

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/index/dataset_index.h"
#include "data/masks/rle.h"
#include "experiments/experiment.pb.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/collective/collective.h"
#include "launch/training/sample_sheet.h"
#include "launch/training/train_task.h"
#include "launch/training/trainer.h"
#include "metrics/metric_log.pb.h"
#include "tests/launch/testing/small_run.h"
#include "tests/launch/testing/training_rank.h"
#include "tests/testing/proto_matchers.h"
#include "tests/testing/status_matchers.h"

namespace transect {
namespace {

// Stands where a rank of a larger group would: it never has to answer.
class SilentRank : public Collective {
 public:
  SilentRank(int rank, int ranks) : rank_(rank), ranks_(ranks) {}
  int rank() const override { return rank_; }
  int ranks() const override { return ranks_; }
  absl::Status AllReduceSum(absl::string_view what, at::Tensor) override {
    return Unexpected(what);
  }
  absl::StatusOr<std::vector<at::Tensor>> AllGather(
      absl::string_view what, const at::Tensor&) override {
    return Unexpected(what);
  }
  absl::Status Broadcast(absl::string_view what, int, at::Tensor) override {
    return Unexpected(what);
  }
  absl::Status Barrier(absl::string_view what) override {
    return Unexpected(what);
  }
  void Abort() override {}

 private:
  static absl::Status Unexpected(absl::string_view what) {
    return absl::InternalError(absl::StrCat("unexpected ", what));
  }
  const int rank_;
  const int ranks_;
};

// Records by item; every item must occur once.
std::map<int64_t, EvalItem> Items(const std::vector<MetricRecord>& records) {
  std::map<int64_t, EvalItem> items;
  for (const MetricRecord& record : records) {
    if (record.has_eval_item()) {
      const EvalItem& item = record.eval_item();
      EXPECT_TRUE(items.emplace(item.item_id(), item).second) << item.item_id();
    }
  }
  return items;
}

TEST(Evaluator, CountsEveryItemOnceWithItsControls) {
  TrainingRank rank(SmallRun(), "evaluates");
  SampleSheet sheet(3);
  EXPECT_THAT(Evaluate(rank.task(), SmallData("val"), &sheet),
              IsOkAndHolds(kSmallEvalImages));
  EXPECT_FALSE(sheet.empty());
  const std::vector<MetricRecord> records = rank.Records();
  const std::map<int64_t, EvalItem> items = Items(records);
  ASSERT_EQ(items.size(), static_cast<size_t>(kSmallEvalImages));
  for (const Sample& sample : SmallData("val").samples()) {
    const EvalItem& item = items.at(sample.id);
    EXPECT_EQ(item.split(), "val");
    EXPECT_EQ(item.category_id(), sample.category_id);
    EXPECT_EQ(item.all_objects().intersection(), RleArea(sample.mask));
    EXPECT_GE(item.objects(), 3);
    EXPECT_GE(item.prediction().union_(), RleArea(sample.mask));
    EXPECT_GE(item.permuted().union_(), RleArea(sample.mask));
  }
  EXPECT_EQ(records.back().progress().done(), kSmallEvalImages);
}

// Told where the objects are, SAM is evaluated as it is, and nobody else sees a
// box.
TEST(Evaluator, AnOracleIsEvaluatedWithoutTraining) {
  RunSpec run = SmallRun();
  run.mutable_model()->mutable_sam_oracle_box()->mutable_sam()->set_variant(
      SamSpec::TINY);
  run.mutable_training()->set_steps(0);
  ResolveRun(&run);
  TrainingRank rank(run, "oracle");
  ASSERT_OK_AND_ASSIGN(const TrainSummary summary,
                       Train(rank.task(), SmallData("train")));
  EXPECT_EQ(summary.steps, 0);
  SampleSheet sheet(0);
  ASSERT_OK_AND_ASSIGN(const int64_t items,
                       Evaluate(rank.task(), SmallData("val"), &sheet));
  EXPECT_EQ(items, kSmallEvalImages);
  // It ignores the sentence, and the control shows it.
  int compared = 0;
  for (const MetricRecord& record : rank.Records()) {
    if (!record.has_eval_item()) continue;
    EXPECT_THAT(record.eval_item().permuted(),
                EqualsProto(record.eval_item().prediction()));
    ++compared;
  }
  EXPECT_EQ(compared, kSmallEvalImages);
}

TEST(Evaluator, GivesTheSameIntegersOnAnyNumberOfRanks) {
  // A few steps, so that logits are on both sides of the threshold.
  RunSpec run = SmallRun();
  run.mutable_training()->set_steps(12);
  std::map<int64_t, EvalItem> expected;
  for (const int ranks : {1, 2, 3}) {
    std::map<int64_t, EvalItem> items;
    for (int r = 0; r < ranks; ++r) {
      // The same weights: all ranks repeat the training of one.
      TrainingRank trainer(run, absl::StrCat("train", r, "of", ranks));
      ASSERT_THAT(Train(trainer.task(), SmallData("train")), IsOk());
      TrainingRank rank(run, absl::StrCat("rank", r, "of", ranks),
                        std::make_unique<SilentRank>(r, ranks));
      TrainTask task = rank.task();
      task.model = &trainer.model();
      SampleSheet sheet(0);
      ASSERT_THAT(Evaluate(task, SmallData("val"), &sheet), IsOk());
      EXPECT_TRUE(sheet.empty());
      items.merge(Items(rank.Records()));
    }
    ASSERT_EQ(items.size(), static_cast<size_t>(kSmallEvalImages));
    if (ranks == 1) {
      expected = items;
      std::set<int64_t> unions;
      for (const auto& [id, item] : items) {
        unions.insert(item.prediction().union_());
      }
      EXPECT_GT(unions.size(), 3u) << "predictions must not be trivial";
    }
    for (const auto& [id, item] : items) {
      EXPECT_THAT(item, EqualsProto(expected[id])) << ranks << " ranks";
    }
  }
}

TEST(Evaluator, GivesTheSameIntegersWithAnyNumberOfLoaderThreads) {
  std::map<int64_t, EvalItem> expected;
  for (const int threads : {0, 1, 3}) {
    RunSpec run = SmallRun();
    run.mutable_training()->set_loader_threads(threads);
    TrainingRank rank(run, absl::StrCat("evaluates_with_", threads));
    SampleSheet sheet(0);
    ASSERT_THAT(Evaluate(rank.task(), SmallData("val"), &sheet), IsOk());
    const std::map<int64_t, EvalItem> items = Items(rank.Records());
    ASSERT_EQ(items.size(), static_cast<size_t>(kSmallEvalImages));
    if (expected.empty()) {
      expected = items;
    }
    for (const auto& [id, item] : items) {
      EXPECT_THAT(item, EqualsProto(expected[id])) << threads;
    }
  }
}

// `evaluation.batch` is not part of a run's identity, so it may not show.
TEST(Evaluator, GivesTheSameIntegersInBatchesOfAnySize) {
  RunSpec run = SmallRun();
  run.mutable_training()->set_steps(12);
  TrainingRank trainer(run, "batches");
  ASSERT_THAT(Train(trainer.task(), SmallData("train")), IsOk());
  std::map<int64_t, EvalItem> expected;
  for (const int batch : {16, 7, 1}) {
    run.mutable_evaluation()->set_batch(batch);
    TrainingRank rank(run, absl::StrCat("batches_of_", batch));
    TrainTask task = rank.task();
    task.model = &trainer.model();
    SampleSheet sheet(0);
    ASSERT_THAT(Evaluate(task, SmallData("val"), &sheet), IsOk());
    const std::map<int64_t, EvalItem> items = Items(rank.Records());
    if (expected.empty()) {
      expected = items;
    }
    for (const auto& [id, item] : items) {
      EXPECT_THAT(item, EqualsProto(expected[id])) << batch;
    }
  }
}

TEST(Evaluator, LeavesOutTheControlThatIsNotWanted) {
  RunSpec run = SmallRun();
  run.mutable_evaluation()->set_permuted_sentences(false);
  TrainingRank rank(run, "no_control");
  SampleSheet sheet(0);
  ASSERT_THAT(Evaluate(rank.task(), SmallData("val"), &sheet), IsOk());
  for (const auto& [id, item] : Items(rank.Records())) {
    EXPECT_FALSE(item.has_permuted());
    EXPECT_TRUE(item.has_prediction());
  }
}

}  // namespace
}  // namespace transect
