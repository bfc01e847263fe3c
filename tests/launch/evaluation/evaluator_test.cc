// The evaluator on the tiny preset.

#include "launch/evaluation/evaluator.h"

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
#include "data/data.pb.h"
#include "data/index/dataset_index.h"
#include "data/masks/pillow_nearest.h"
#include "data/masks/rle.h"
#include "data/text/tokenizer.h"
#include "experiments/experiment.pb.h"
#include "experiments/run/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "launch/collective/collective.h"
#include "launch/evaluation/eval_items.h"
#include "launch/evaluation/sample_sheet.h"
#include "launch/rank/train_task.h"
#include "launch/training/trainer.h"
#include "metrics/metric_log.pb.h"
#include "model/base/segmentation_model.h"
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
  absl::Status AllReduceSum(absl::string_view what, at::Tensor,
                            SumOrder) override {
    return Unexpected(what);
  }
  absl::Status ReduceScatterSum(absl::string_view what, at::Tensor,
                                SumOrder) override {
    return Unexpected(what);
  }
  absl::Status AllGatherParts(absl::string_view what, at::Tensor) override {
    return Unexpected(what);
  }
  absl::Status CheckSchedule(absl::string_view what) override {
    return Unexpected(what);
  }
  absl::StatusOr<std::unique_ptr<Collective>> NewGroup(
      const std::string& name) override {
    return Unexpected(name);
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

// A model that keeps sentences apart gives each item the same masks whatever
// else is in the batch.
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

// Fills the mask where the sum of a sentence's token ids is odd, so that a test
// knows what every sentence gives.
class ParityReader : public SegmentationModel {
 public:
  ModelOutput Forward(const ModelInput& input) override {
    const int64_t count = input.image.size(0);
    at::Tensor logits = torch::empty({count, 1, 8, 8});
    for (int64_t i = 0; i < count; ++i) {
      const at::Tensor ids =
          input.token_ids[i].slice(0, 0, input.token_counts[i].item<int64_t>());
      logits[i].fill_(ids.sum().item<int64_t>() % 2 == 0 ? -1 : 1);
    }
    return {.mask_logits = logits, .activation_logits = {}};
  }
};

// What ParityReader's mask for `sentence` counts against the truth.
PixelCounts ParityCounts(const Sample& sample, const std::string& sentence,
                         const Tokenizer& tokenizer) {
  const auto ids = tokenizer.Encode(sentence, 64);
  EXPECT_THAT(ids, IsOk()) << sentence;
  int64_t sum = 0;
  for (const int64_t id : *ids) {
    sum += id;
  }
  const int64_t area = RleArea(sample.mask);
  PixelCounts counts;
  counts.set_intersection(sum % 2 == 0 ? 0 : area);
  counts.set_union_(sum % 2 == 0
                        ? area
                        : int64_t{1} * sample.mask.height * sample.mask.width);
  return counts;
}

TEST(Evaluator, EveryControlHasItsSentences) {
  RunSpec run = SmallRun();
  run.mutable_evaluation()->set_permuted_within_category(true);
  run.mutable_evaluation()->set_other_object_sentences(true);
  TrainingRank rank(run, "controls");
  ParityReader reader;
  TrainTask task = rank.task();
  task.model = &reader;
  SampleSheet sheet(0);
  const std::vector<Sample>& samples = SmallData("val").samples();
  ASSERT_THAT(Evaluate(task, SmallData("val"), &sheet), IsOk());
  const std::map<int64_t, EvalItem> items = Items(rank.Records());
  const std::vector<std::string> permuted = PermutedSentences(samples);
  const std::vector<std::string> within = SentencesWithinCategory(samples);
  const std::vector<std::string> others = OtherObjectSentences(samples);
  int measured = 0;
  for (size_t i = 0; i < samples.size(); ++i) {
    SCOPED_TRACE(samples[i].id);
    const EvalItem& item = items.at(samples[i].id);
    const auto counts = [&](const std::string& sentence) {
      return ParityCounts(samples[i], sentence, *task.tokenizer);
    };
    EXPECT_THAT(item.prediction(), EqualsProto(counts(samples[i].sentence)));
    EXPECT_THAT(item.permuted(), EqualsProto(counts(permuted[i])));
    EXPECT_EQ(item.has_permuted_within_category(), !within[i].empty());
    if (!within[i].empty()) {
      EXPECT_THAT(item.permuted_within_category(),
                  EqualsProto(counts(within[i])));
    }
    EXPECT_EQ(item.has_other_object(), !others[i].empty());
    if (!others[i].empty()) {
      EXPECT_THAT(item.other_object(), EqualsProto(counts(others[i])));
      ++measured;
    }
  }
  EXPECT_GT(measured, 3) << "most scenes have a category that is unique";
}

// With one sentence for all, no control can differ from the prediction.
TEST(Evaluator, ABlindRunScoresItselfUnderEveryPermutation) {
  RunSpec run = SmallRun();
  run.mutable_data()->set_sentences(DataSpec::CONSTANT);
  run.mutable_training()->set_steps(12);
  run.mutable_evaluation()->set_permuted_within_category(true);
  run.mutable_evaluation()->set_other_object_sentences(true);
  ASSERT_OK_AND_ASSIGN(
      const DatasetIndex train,
      DatasetIndex::Open(GetSmallFiles().data_root, run.data(), "train"));
  ASSERT_OK_AND_ASSIGN(
      const DatasetIndex val,
      DatasetIndex::Open(GetSmallFiles().data_root, run.data(), "val"));
  TrainingRank rank(run, "blind");
  ASSERT_THAT(Train(rank.task(), train), IsOk());
  SampleSheet sheet(0);
  ASSERT_THAT(Evaluate(rank.task(), val, &sheet), IsOk());
  std::set<int64_t> unions;
  int others = 0;
  for (const auto& [id, item] : Items(rank.Records())) {
    unions.insert(item.prediction().union_());
    EXPECT_THAT(item.permuted(), EqualsProto(item.prediction()));
    if (item.has_permuted_within_category()) {
      EXPECT_THAT(item.permuted_within_category(),
                  EqualsProto(item.prediction()));
    }
    if (item.has_other_object()) {
      EXPECT_THAT(item.other_object(), EqualsProto(item.prediction()));
      ++others;
    }
  }
  EXPECT_GT(unions.size(), 3u) << "predictions must not be trivial";
  EXPECT_GT(others, 3);
}

// Fills the right half of the mask, at whatever size: a linear logit that is 0
// in the middle stays one in every bilinear step.
class RightHalf : public SegmentationModel {
 public:
  ModelOutput Forward(const ModelInput& input) override {
    const at::Tensor row = torch::arange(8, torch::kFloat) - 3.5;
    return {
        .mask_logits = row.expand({input.image.size(0), 1, 8, 8}).contiguous(),
        .activation_logits = {}};
  }
};

TEST(Evaluator, ComparesAtTheResolutionOfTheSpec) {
  constexpr int kResolution = 30;
  RunSpec run = SmallRun();
  run.mutable_evaluation()->set_resolution(kResolution);
  TrainingRank rank(run, "resolution");
  RightHalf model;
  TrainTask task = rank.task();
  task.model = &model;
  SampleSheet sheet(2);
  ASSERT_THAT(Evaluate(task, SmallData("val"), &sheet), IsOk());
  EXPECT_FALSE(sheet.empty());
  const std::map<int64_t, EvalItem> items = Items(rank.Records());
  for (const Sample& sample : SmallData("val").samples()) {
    const EvalItem& item = items.at(sample.id);
    ASSERT_NE(sample.mask.height, kResolution);
    const Rle truth = ResizeRleAsPillow(sample.mask, kResolution, kResolution);
    const std::vector<uint8_t> pixels = MaskFromRle(truth);
    int64_t inside = 0;
    for (size_t i = 0; i < pixels.size(); ++i) {
      inside += pixels[i] != 0 && i % kResolution >= kResolution / 2;
    }
    EXPECT_EQ(item.image_pixels(), kResolution * kResolution);
    EXPECT_EQ(item.target_area(), RleArea(truth));
    for (const PixelCounts& counts : {item.prediction(), item.permuted()}) {
      EXPECT_EQ(counts.intersection(), inside);
      EXPECT_EQ(counts.union_(),
                kResolution * kResolution / 2 + RleArea(truth) - inside);
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
    EXPECT_FALSE(item.has_permuted_within_category());
    EXPECT_FALSE(item.has_other_object());
    EXPECT_TRUE(item.has_prediction());
  }
}

}  // namespace
}  // namespace transect
